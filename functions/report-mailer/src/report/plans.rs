//! Plans as tables: milestones on their time line, steps in their order.

use super::draft::Context;
use super::{Block, Cell, Mark, ReportId, build};
use crate::models::timeline::{self, Stands};
use crate::portfolio::{Plan, Standing};

/// The milestones of a report, the earliest first.
pub(super) fn milestones(cx: &Context<'_>, report: ReportId) -> Block {
    let placed = timeline::of(cx.portfolio, report, cx.as_of);
    let rows = placed.iter().map(|placed| {
        let mark = match placed.stands {
            Stands::Reached(_) => Mark::Good,
            Stands::DueInDays(_) => Mark::Plain,
            Stands::LateByDays(_) => Mark::Bad,
        };
        let standing = match placed.milestone.standing {
            Standing::Agreed => "agreed",
            Standing::Proposed => "proposed here",
        };
        [
            Cell::text(&placed.milestone.title),
            Cell::text(placed.milestone.due.0.strftime("%-d %b %Y").to_string()),
            Cell::Marked(mark, placed.stands.words()),
            Cell::text(format!("{} ({standing})", placed.milestone.proof)),
        ]
    });
    build::table("Milestones on a time line", ["Milestone", "By", "Stands", "Proof"], rows)
}

/// The steps of a plan in their order.
pub(super) fn steps(cx: &Context<'_>, plan: Plan, caption: &str) -> Block {
    let steps = || cx.portfolio.lists.steps.iter().filter(|step| step.plan == plan);
    let title_of = |id: &str| steps().find(|step| &*step.id == id).map(|step| step.title.clone());
    let rows = steps().zip(1..).map(|(step, number)| {
        let after = step.after.as_deref().and_then(title_of);
        [
            Cell::text(format!("{number}. {}", step.title)),
            Cell::text(&step.result),
            Cell::text(after.unwrap_or_else(|| "nothing: begin now".to_owned())),
        ]
    });
    build::table(caption, ["Step", "What is there then", "After"], rows)
}
