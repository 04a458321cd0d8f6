//! What is counted in the portfolio's lists.

use jiff::civil::Date;

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::portfolio::{Asker, DutyKind, Portfolio, RiskKind};

/// Something that is counted: the id and the label of its figure, and how many there are.
type Counted = (&'static str, &'static str, usize);

/// Writes the counts into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio, as_of: Date) {
    let counts = [group(book, portfolio), plan(portfolio, as_of), work(portfolio)].concat();
    for (id, label, things) in counts {
        book.record(id, label, Unit::Count, Range::count(things), "counted in the portfolio", as_of);
    }
    let (id, label) = ("shortfalls-not-described", "Critical shortfalls without a description");
    beyond(book, id, label, "critical-shortfalls", "count-shortfalls");
    let (id, label) = ("kpis-without-name", "Missing KPIs that the owner has not named");
    beyond(book, id, label, "missing-kpis", "count-kpis-named");
}

/// What the group has, lacks and measures.
fn group(book: &Book, portfolio: &Portfolio) -> Vec<Counted> {
    let lists = &portfolio.lists;
    let unmeasured = |asker| {
        let kpis = lists.kpis.iter().filter(|kpi| kpi.asked_by == asker);
        kpis.filter(|kpi| book.value(&kpi.figure).is_none()).count()
    };
    let earning = lists.entities.iter().filter_map(|entity| entity.revenue.as_deref());
    let (recorded, unrecorded): (Vec<&str>, Vec<&str>) = earning.partition(|id| book.value(id).is_some());
    let valued = lists.assets.iter().filter(|asset| asset.figure.is_some());
    let unknown = lists.assets.iter().filter(|asset| asset.recorded == Some(false));
    let risks =
        |kind, known| lists.risks.iter().filter(|risk| risk.kind == kind && risk.evidence.is_some() == known).count();
    vec![
        ("count-entities", "Companies and side operations", recorded.len() + unrecorded.len()),
        ("count-revenue-recorded", "Entities whose revenue is recorded", recorded.len()),
        ("count-revenue-missing", "Entities whose revenue is missing", unrecorded.len()),
        ("count-assets", "Assets listed", lists.assets.len()),
        ("count-assets-valued", "Assets with a value", valued.count()),
        ("count-assets-unknown", "Assets of which nothing is known", unknown.count()),
        ("count-shortfalls", "Critical shortfalls with evidence", lists.shortfalls.len()),
        ("count-kpis-named", "KPIs named by the owner and not measured", unmeasured(Asker::Owner)),
        ("count-kpis-proposed", "KPIs that rules and models need and nobody measures", unmeasured(Asker::Reports)),
        ("count-equity-known", "Companies whose shares are recorded", risks(RiskKind::Equity, true)),
        ("count-equity-missing", "Companies whose shares are not recorded", risks(RiskKind::Equity, false)),
    ]
}

/// What is to be done, and by when.
fn plan(portfolio: &Portfolio, as_of: Date) -> Vec<Counted> {
    let lists = &portfolio.lists;
    let valued = lists.opportunities.iter().filter(|step| step.potential.is_some());
    let unowned = lists.actions.iter().filter(|action| action.owner.is_none() && !action.is_done(as_of));
    let insured = lists.seasons.iter().filter(|season| season.ask_insurer && season.spans(as_of));
    vec![
        ("count-opportunities", "Opportunities in the pipeline", lists.opportunities.len()),
        ("count-opportunities-valued", "Opportunities with a potential", valued.count()),
        ("count-actions-unowned", "Open actions that nobody has taken on", unowned.count()),
        ("count-seasons-insured", "Seasons of this month in which the insurer is asked", insured.count()),
    ]
}

/// What the books and the side operations work with.
fn work(portfolio: &Portfolio) -> Vec<Counted> {
    let lists = &portfolio.lists;
    let backlog = lists.duties.iter().filter(|duty| duty.kind == DutyKind::Backlog);
    vec![
        ("count-accounts", "Accounts", lists.accounts.len()),
        ("count-contracts", "Sorts of revenue with a rule of recognition", lists.recognitions.len()),
        ("count-deliveries", "Deliveries recorded", lists.deliveries.len()),
        ("count-backlog", "Repairs recorded as waiting", backlog.count()),
    ]
}

/// What somebody counts beyond what is listed.
fn beyond(book: &mut Book, id: &str, label: &str, counted: &str, listed: &str) {
    let formula = Formula::new(id, label, Unit::Count, "counted by the owner − listed here", &[counted, listed]);
    book.compute(formula, |v| {
        let rest = v[0].minus(v[1]);
        Some(Range { low: rest.low.max(0.0), high: rest.high.max(0.0) })
    });
}
