//! The eight reports by name.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which report it is. The order is that of sending.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ReportId {
    /// For the chief executive: everything at a glance.
    Ceo,
    /// For the head of technology: the stacks, what they cost and lack.
    Cto,
    /// For the accountant: accounts, recognition, milestones.
    Accounting,
    /// For the head of marketing: channels, the mail blast, booking sites.
    Cmo,
    /// For the head of finance: burn, runway, what may be spent.
    Cfo,
    /// For who runs the rental.
    Rental,
    /// For who runs the delivery of yachts.
    YachtDelivery,
    /// For who looks after clients of the web work.
    ClientPortfolio,
}

impl ReportId {
    /// All of them, in the order of sending.
    pub const ALL: [Self; 8] = [
        Self::Ceo,
        Self::Cto,
        Self::Accounting,
        Self::Cmo,
        Self::Cfo,
        Self::Rental,
        Self::YachtDelivery,
        Self::ClientPortfolio,
    ];

    /// Its name in file names, tables and results: `ceo`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ceo => "ceo",
            Self::Cto => "cto",
            Self::Accounting => "accounting",
            Self::Cmo => "cmo",
            Self::Cfo => "cfo",
            Self::Rental => "rental",
            Self::YachtDelivery => "yacht-delivery",
            Self::ClientPortfolio => "client-portfolio",
        }
    }
}

impl std::str::FromStr for ReportId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|report| report.name() == text);
        found.ok_or_else(|| {
            let known = Self::ALL.map(Self::name).join(", ");
            format!("`{}` is no report: there are {known}", text.escape_debug())
        })
    }
}
