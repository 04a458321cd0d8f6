//! Which reports there are.

use super::draft::{Context, Draft};
use super::{ReportId, accounting, ceo, cfo, client_portfolio, cmo, cto, rental, yacht_delivery};

/// A report that can be made.
pub(super) struct Kind {
    pub(super) id: ReportId,
    pub(super) title: &'static str,
    pub(super) reader: &'static str,
    /// The portfolio's files without which it would be wrong.
    pub(super) files: &'static [&'static str],
    /// The name of its text, and the text.
    pub(super) text: (&'static str, &'static str),
    pub(super) make: fn(&Context<'_>) -> Draft,
}

/// Every report, in the order of sending.
pub(super) const KINDS: [Kind; 8] = [
    Kind {
        id: ReportId::Ceo,
        title: "CEO report",
        reader: "the chief executive",
        files: &["group.toml", "plan.toml"],
        text: ("ceo.md", include_str!("../../prose/ceo.md")),
        make: ceo::draft,
    },
    Kind {
        id: ReportId::Cto,
        title: "CTO report",
        reader: "the head of technology",
        files: &["group.toml", "plan.toml", "technology.toml"],
        text: ("cto.md", include_str!("../../prose/cto.md")),
        make: cto::draft,
    },
    Kind {
        id: ReportId::Accounting,
        title: "Accounting report",
        reader: "the accountant",
        files: &["group.toml", "plan.toml", "finance.toml"],
        text: ("accounting.md", include_str!("../../prose/accounting.md")),
        make: accounting::draft,
    },
    Kind {
        id: ReportId::Cmo,
        title: "CMO report",
        reader: "the head of marketing",
        files: &["group.toml", "plan.toml", "marketing.toml"],
        text: ("cmo.md", include_str!("../../prose/cmo.md")),
        make: cmo::draft,
    },
    Kind {
        id: ReportId::Cfo,
        title: "CFO report",
        reader: "the head of finance",
        files: &["group.toml", "plan.toml", "finance.toml"],
        text: ("cfo.md", include_str!("../../prose/cfo.md")),
        make: cfo::draft,
    },
    Kind {
        id: ReportId::Rental,
        title: "Rental report",
        reader: "who runs the rental",
        files: &["group.toml", "plan.toml", "rental.toml"],
        text: ("rental.md", include_str!("../../prose/rental.md")),
        make: rental::draft,
    },
    Kind {
        id: ReportId::YachtDelivery,
        title: "Yacht delivery report",
        reader: "who runs the deliveries",
        files: &["group.toml", "plan.toml", "yacht-delivery.toml"],
        text: ("yacht-delivery.md", include_str!("../../prose/yacht-delivery.md")),
        make: yacht_delivery::draft,
    },
    Kind {
        id: ReportId::ClientPortfolio,
        title: "Client portfolio report",
        reader: "who looks after the clients",
        files: &["group.toml", "plan.toml", "clients.toml"],
        text: ("client-portfolio.md", include_str!("../../prose/client-portfolio.md")),
        make: client_portfolio::draft,
    },
];
