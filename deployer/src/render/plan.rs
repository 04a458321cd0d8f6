//! A plan as a review reads: code first, then configuration, then drift, then risks.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::Duration;

use deployer_engine::address::{Address, DeclarationAddress};
use deployer_engine::apply::Applied;
use deployer_engine::diff::{Cause, Change};
use deployer_engine::journal::Entry;
use deployer_engine::state::Standing;
use deployer_engine::step::{Action, Plan, Step};
use deployer_engine::value::references;

use super::change::told;
use super::progress::seconds;
use super::{DescribeCode, counted, plain};

/// A plan, cut into what a reader looks for.
#[derive(Debug, Default)]
pub struct View {
    /// Whose it is: `crew · local · 000000000000 us-west-2`.
    pub title: String,
    /// Sections with a heading each; empty ones are left out.
    pub sections: Vec<(&'static str, Vec<Line>)>,
    /// `Plan: 3 to create, …`.
    pub summary: String,
}

/// One line of a plan.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// `+`, `~`, `-`, `±`, `>` or `!`.
    pub mark: char,
    /// What it is about: an address.
    pub what: String,
    /// What happens to it.
    pub detail: String,
}

/// The mark of a step.
pub fn mark(step: &Step) -> char {
    match step.action {
        Action::Create if step.replaces => '±',
        Action::Create => '+',
        Action::Update => '~',
        Action::Delete => '-',
        Action::Run => '>',
    }
}

/// Cuts a plan into sections. `describe` says what a code step ships.
pub fn view(plan: &Plan, describe: DescribeCode<'_>, verbose: u8) -> View {
    let minted: BTreeSet<&Address> =
        plan.steps.iter().filter(|step| step.action != Action::Delete).map(|step| &step.address).collect();
    let gone = plan.gone();
    let (mut code, mut configuration, mut drift, mut risks) = (Vec::new(), renamed(plan), Vec::new(), Vec::new());
    for (declaration, steps) in by_declaration(plan) {
        let whole =
            |action| steps.iter().all(|step| step.action == action && !step.replaces && !gone.contains(&step.address));
        if verbose == 0 && (whole(Action::Create) || whole(Action::Delete)) {
            let mark = if whole(Action::Create) { '+' } else { '-' };
            configuration.push(Line { mark, what: declaration.to_string(), detail: parts(&steps) });
        } else {
            for step in &steps {
                if step.action == Action::Create && gone.contains(&step.address) {
                    let detail = format!("{}, gone: somebody deleted it", step.type_name.replace('_', " "));
                    drift.push(Line { mark: mark(step), what: step.address.to_string(), detail });
                    continue;
                }
                if let Some(shipped) = describe(step).filter(|_| step.action == Action::Update) {
                    code.push(Line { mark: '~', what: declaration.to_string(), detail: shipped });
                }
                lines(step, &minted, verbose, &mut configuration, &mut drift);
            }
        }
        risks.extend(steps.iter().filter_map(|step| risk(step)));
    }
    let sections = [
        ("code", code),
        ("configuration", configuration),
        ("drift: changed outside the stack file, will be set back", drift),
        ("risks", risks),
    ];
    View {
        title: title(plan),
        sections: sections.into_iter().filter(|(_, lines)| !lines.is_empty()).collect(),
        summary: summary(plan),
    }
}

/// Why a step is in its plan, a line a change, whether or not it only follows from another.
pub fn why(step: &Step, describe: DescribeCode<'_>) -> Vec<String> {
    let (mut configuration, mut drift) = (Vec::new(), Vec::new());
    lines(step, &BTreeSet::new(), 1, &mut configuration, &mut drift);
    let code = describe(step).filter(|_| step.action == Action::Update);
    let line = |line: &Line, why: &str| plain(&format!("{} {}  {}{why}", line.mark, line.what, line.detail));
    let configured = configuration.iter().map(|each| line(each, ""));
    let drifted = drift.iter().map(|each| line(each, "  (changed outside the stack file)"));
    code.into_iter()
        .map(|text| plain(&format!("~ {}  {text}", step.address)))
        .chain(configured)
        .chain(drifted)
        .collect()
}

/// The declarations that the stack file gives another name.
fn renamed(plan: &Plan) -> Vec<Line> {
    let moved: BTreeMap<String, String> = plan
        .notes
        .iter()
        .filter_map(|note| match note {
            Entry::Moved { from, to } => Some((to.declaration().to_string(), from.declaration().to_string())),
            _ => None,
        })
        .collect();
    let line = |(to, from): (String, String)| Line { mark: '~', what: to, detail: format!("renamed, was {from}") };
    moved.into_iter().map(line).collect()
}

fn by_declaration(plan: &Plan) -> Vec<(&DeclarationAddress, Vec<&Step>)> {
    let mut order: Vec<&DeclarationAddress> = Vec::new();
    let mut grouped: BTreeMap<&DeclarationAddress, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        let declaration = step.address.declaration();
        if !grouped.contains_key(declaration) {
            order.push(declaration);
        }
        grouped.entry(declaration).or_default().push(step);
    }
    order.sort();
    order.into_iter().map(|declaration| (declaration, grouped.remove(declaration).unwrap_or_default())).collect()
}

fn parts(steps: &[&Step]) -> String {
    let mut names: Vec<&str> = steps.iter().map(|step| step.address.part()).collect();
    names.sort_unstable();
    names.join(", ")
}

/// What only follows from another step of the plan: a new version after new code, an alias that moves to it.
fn follows(step: &Step, minted: &BTreeSet<&Address>) -> bool {
    let waits = |change: &Change| {
        change.after.as_ref().is_some_and(|after| references(after).iter().any(|found| minted.contains(&found.address)))
    };
    match step.action {
        Action::Create => step.retire == Standing::Retained,
        Action::Update => step.changes.iter().all(waits),
        Action::Delete | Action::Run => false,
    }
}

fn lines(step: &Step, minted: &BTreeSet<&Address>, verbose: u8, configuration: &mut Vec<Line>, drift: &mut Vec<Line>) {
    let line = |detail: String| Line { mark: mark(step), what: step.address.to_string(), detail };
    if verbose == 0 && follows(step, minted) {
        return;
    }
    if step.action != Action::Update {
        let word = step.type_name.replace('_', " ");
        configuration.push(line(if step.replaces { format!("{word}, replaced") } else { word }));
        return;
    }
    for change in step.changes.iter().filter(|change| verbose > 0 || !deployer_aws::is_shipped_field(&change.path)) {
        let section = if change.cause == Cause::Drift { &mut *drift } else { &mut *configuration };
        section.push(line(told(change)));
    }
}

fn risk(step: &Step) -> Option<Line> {
    let told = |detail: &str| Some(Line { mark: '!', what: step.address.to_string(), detail: detail.to_owned() });
    match step.action {
        Action::Delete if deployer_aws::holds_data(&step.type_name) => told("deletes data"),
        Action::Create if step.replaces => told("replaces"),
        _ => None,
    }
}

fn title(plan: &Plan) -> String {
    format!("{} · {} · {} {}", plan.scope.stack, plan.scope.environment, plan.scope.account, plan.scope.region)
}

fn summary(plan: &Plan) -> String {
    if plan.is_empty() {
        let are = if plan.unchanged == 1 { "is" } else { "are" };
        return format!("Nothing to do: {} {are} as the stack file says.", counted(plan.unchanged, "resource"));
    }
    let counts = [
        (Action::Create, "to create"),
        (Action::Update, "to change"),
        (Action::Delete, "to delete"),
        (Action::Run, "to run"),
    ];
    let told: Vec<_> = counts
        .iter()
        .map(|(action, word)| (plan.count(*action), word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    format!("Plan: {}; {} unchanged.", told.join(", "), plan.unchanged)
}

/// The plan for a terminal, colours included.
pub fn human(view: &View) -> String {
    let bold = anstyle::Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n", plain(&view.title));
    for (heading, lines) in &view.sections {
        let dim = anstyle::Style::new().dimmed();
        let _ = write!(text, "\n  {dim}{heading}{dim:#}\n");
        let widest = lines.iter().map(|line| line.what.len()).max().unwrap_or_default();
        for line in lines {
            let style = anstyle::Style::new().fg_color(Some(colour(line.mark).into()));
            let _ = writeln!(
                text,
                "  {style}{}{style:#} {:widest$}  {}",
                line.mark,
                plain(&line.what),
                plain(&line.detail)
            );
        }
    }
    let _ = write!(text, "\n{}", view.summary);
    text
}

fn colour(mark: char) -> anstyle::AnsiColor {
    match mark {
        '+' => anstyle::AnsiColor::Green,
        '-' | '!' => anstyle::AnsiColor::Red,
        '>' => anstyle::AnsiColor::Cyan,
        _ => anstyle::AnsiColor::Yellow,
    }
}

/// How it went, one line.
pub fn applied(plan: &Plan, applied: &Applied, took: Duration) -> String {
    let count =
        |action| plan.steps.iter().filter(|step| step.action == action && applied.done.contains(&step.id)).count();
    let counts =
        [(Action::Create, "created"), (Action::Update, "changed"), (Action::Delete, "deleted"), (Action::Run, "run")];
    let mut told: Vec<_> = counts
        .iter()
        .map(|(action, word)| (count(*action), *word))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if !applied.failed.is_empty() {
        told.push(format!("{} failed", applied.failed.len()));
    }
    if !applied.skipped.is_empty() {
        told.push(format!("{} not tried", applied.skipped.len()));
    }
    let told = if told.is_empty() { "nothing done".to_owned() } else { told.join(", ") };
    let ending = if applied.stopped { "; stopped, run again to go on" } else { "" };
    format!("{}: {told} in {}{ending}.", title(plan), seconds(took))
}
