//! Where capital goes: the tier of a planned expense, and the three rules that it must keep.

use crate::book::Book;
use crate::figure::Range;
use crate::portfolio::{Portfolio, Spend};

/// A planned expense, judged.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged<'a> {
    /// The expense.
    pub spend: &'a Spend,
    /// How much it is.
    pub tier: Tier,
    /// No spend without a revenue KPI that somebody measures.
    pub kpi: Ruled,
    /// The cost of winning a customer stays under its limit in what the customer brings.
    pub acquisition: Ruled,
    /// Infrastructure stays under its limit in the revenue that it adds.
    pub infrastructure: Ruled,
}

/// How much an expense is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tier {
    /// Nothing but work.
    ZeroCost,
    /// Up to the end of the low-cost tier.
    LowCost,
    /// Within the revenue-producing tier.
    RevenueProducing,
    /// In no tier.
    Outside,
    /// The amount is missing.
    Unknown,
}

/// What a rule says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Ruled {
    /// It is kept.
    Kept,
    /// It is broken.
    Broken,
    /// It cannot be judged: a figure is missing, or its span lies on both sides.
    Open,
    /// It does not speak of such an expense.
    NotAsked,
}

/// What follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Verdict {
    /// All rules are kept.
    Deploy,
    /// Something is missing.
    Wait,
    /// A rule is broken, or it is in no tier.
    DoNotDeploy,
}

/// Every planned expense, judged, in the order of the portfolio.
pub fn judge<'a>(portfolio: &'a Portfolio, book: &Book) -> Vec<Judged<'a>> {
    portfolio.lists.spends.iter().map(|spend| one(portfolio, book, spend)).collect()
}

impl Judged<'_> {
    /// What follows from the tier and the rules.
    pub fn verdict(&self) -> Verdict {
        let rules = [self.kpi, self.acquisition, self.infrastructure];
        match self.tier {
            Tier::Outside => Verdict::DoNotDeploy,
            _ if rules.contains(&Ruled::Broken) => Verdict::DoNotDeploy,
            Tier::Unknown => Verdict::Wait,
            _ if rules.contains(&Ruled::Open) => Verdict::Wait,
            Tier::ZeroCost | Tier::LowCost | Tier::RevenueProducing => Verdict::Deploy,
        }
    }
}

fn one<'a>(portfolio: &Portfolio, book: &Book, spend: &'a Spend) -> Judged<'a> {
    let tier = tier(book, book.value(&spend.amount));
    let share = |part: &str, whole: &str, limit: &str| {
        let percent = book.value(part).zip(book.value(whole)).and_then(|(part, whole)| part.percent_over(whole));
        under(percent, book.value(limit))
    };
    let acquisition = spend.acquisition.as_ref();
    let infrastructure = spend.infrastructure.as_ref();
    Judged {
        spend,
        tier,
        kpi: kpi(portfolio, book, spend, tier),
        acquisition: acquisition.map_or(Ruled::NotAsked, |rule| share(&rule.cac, &rule.ltv, "acquisition-limit")),
        infrastructure: infrastructure
            .map_or(Ruled::NotAsked, |rule| share(&rule.cost, &rule.revenue, "infrastructure-limit")),
    }
}

fn tier(book: &Book, amount: Option<Range>) -> Tier {
    let tiers = (amount, book.value("capital-low-cost"), book.value("capital-revenue-producing"));
    let (Some(amount), Some(low_cost), Some(producing)) = tiers else {
        return Tier::Unknown;
    };
    match amount {
        Range { high, .. } if high <= 0.0 => Tier::ZeroCost,
        Range { high, .. } if high <= low_cost.high => Tier::LowCost,
        Range { low, high } if low >= producing.low && high <= producing.high => Tier::RevenueProducing,
        _ => Tier::Outside,
    }
}

fn kpi(portfolio: &Portfolio, book: &Book, spend: &Spend, tier: Tier) -> Ruled {
    let named = spend.kpi.as_deref().and_then(|id| portfolio.lists.kpis.iter().find(|kpi| &*kpi.id == id));
    match (tier, named) {
        (Tier::ZeroCost, _) => Ruled::NotAsked,
        (_, None) => Ruled::Broken,
        (_, Some(kpi)) if book.value(&kpi.figure).is_some() => Ruled::Kept,
        (_, Some(_)) => Ruled::Open,
    }
}

fn under(percent: Option<Range>, limit: Option<Range>) -> Ruled {
    match (percent, limit) {
        (Some(percent), Some(limit)) if percent.high < limit.low => Ruled::Kept,
        (Some(percent), Some(limit)) if percent.low >= limit.high => Ruled::Broken,
        _ => Ruled::Open,
    }
}
