//! Which action comes first: the most value for the least effort, then the earliest.

use jiff::civil::Date;

use super::timeline::days_between;
use crate::portfolio::{self, Portfolio};
use crate::report::{Action, ReportId};

/// The days that the CEO's agenda spans.
pub const AGENDA_DAYS: i32 = 30;

/// The open actions of a report, the first to do first.
pub fn actions(portfolio: &Portfolio, report: ReportId, as_of: Date) -> Vec<Action> {
    let actions =
        portfolio.lists.actions.iter().filter(|action| action.reports.contains(&report) && !action.is_done(as_of));
    let mut open: Vec<&portfolio::Action> =
        actions.filter(|action| report != ReportId::Ceo || is_on_agenda(action, as_of)).collect();
    open.sort_by_key(|action| order(action));
    open.into_iter().zip(1..).map(|(action, priority)| row(portfolio, action, priority)).collect()
}

/// Value ÷ effort, the highest first: sixths of it are whole numbers. Then the day, then the key.
fn order(action: &portfolio::Action) -> (u32, Date, &str) {
    const MOST: u32 = 18;
    let worth = action.value.points() * 6 / action.effort.points();
    (MOST - worth, action.due.map_or(Date::MAX, |due| due.0), &action.id)
}

/// Whether an action is due within the agenda, or late, or has no day.
fn is_on_agenda(action: &portfolio::Action, as_of: Date) -> bool {
    action.due.is_none_or(|due| days_between(as_of, due.0) <= AGENDA_DAYS)
}

fn row(portfolio: &Portfolio, action: &portfolio::Action, priority: u32) -> Action {
    Action {
        id: action.id.to_string(),
        priority,
        title: action.title.clone(),
        entity: portfolio.name_of(&action.entity).to_owned(),
        why: action.why.as_str().into(),
        value: action.value,
        effort: action.effort,
        owner: action.owner.clone(),
        due: action.due.map(|due| due.0),
    }
}
