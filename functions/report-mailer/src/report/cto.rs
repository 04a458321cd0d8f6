//! The CTO's report: what each stack lacks, what it costs, how it is shipped.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack, total_table};
use super::draft::{Context, Draft};
use super::{Block, Cell, Chart, Kpi, Line, Mark, Missing, MissingKind};
use crate::figure::{Range, Unit};
use crate::live::{FunctionHealth, Leak, Reading, Reputation, SecretAge, StackAudit};
use crate::models::periods::full_weeks;
use crate::portfolio::PracticeState;

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let blocks = BTreeMap::from([
        ("systems", vec![systems(cx)]),
        ("audit", vec![audit(cx)]),
        ("stacks", stacks(cx)),
        ("weaknesses", weaknesses(cx)),
        ("functions", functions(cx)),
        ("costs", vec![costs(cx)]),
        ("cost-chart", cx.bars("Infrastructure now, saved and after", Unit::UsdPerMonth, &COSTS)),
        ("gaps", vec![gaps(cx)]),
        ("practices", vec![practices(cx)]),
        ("delivery", vec![delivery(cx)]),
        ("activity-chart", activity(cx)),
        ("mail", vec![mail(cx)]),
    ]);
    Draft { kpis: kpis(cx), blocks, words: BTreeMap::new(), lacks: lacks(cx) }
}

/// The most places that look like a key, and the most advisories, that are named one by one.
const MOST_NAMED: usize = 20;
const COSTS: [&str; 3] = ["infrastructure-cost", "infrastructure-saving", "infrastructure-after-saving"];
/// What the audit counts: none of it should be above zero.
const AUDIT: [&str; 8] = [
    "distributions-without-waf",
    "secrets-overdue",
    "secrets-plaintext",
    "endpoints-open",
    "endpoints-without-cors",
    "endpoints-without-limit",
    "advisories",
    "stack-drift",
];

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    let audit = AUDIT
        .iter()
        .take(4)
        .map(|id| Kpi { mark: none_is_good(cx.book.value(id)), ..cx.kpi(id, Goal::None, "None is right") });
    let rest = [
        cx.kpi("infrastructure-cost", Goal::None, "All of AWS, a month"),
        cx.kpi("infrastructure-after-saving", Goal::None, "What is left when the saving is taken"),
        cx.kpi("error-share", Goal::None, "Of all calls in the days that were read"),
        cx.kpi("maturity", Goal::None, "Practices of shipping that are followed, of those that are known"),
        cx.kpi("deploys-a-week", Goal::None, "How often the product is released"),
        cx.kpi("lead-time", Goal::None, "How long finished work waits"),
    ];
    audit.chain(rest).collect()
}

/// How a count stands of which none is right.
fn none_is_good(count: Option<Range>) -> Mark {
    match count {
        None => Mark::Unknown,
        Some(count) if count.high <= 0.0 => Mark::Good,
        Some(_) => Mark::Bad,
    }
}

fn systems(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.systems.iter().map(|system| {
        let stack = match &system.stack {
            Some(stack) => Cell::Marked(Mark::Good, stack.clone()),
            None => Cell::Marked(Mark::Watch, "no stack file".to_owned()),
        };
        [Cell::text(&system.name), cx.name(&system.entity), stack, Cell::text(&system.made_of)]
    });
    build::table("What runs", ["System", "Entity", "Stack", "Made of"], rows)
}

fn audit(cx: &Context<'_>) -> Block {
    let rows = AUDIT.map(|id| {
        let mark = none_is_good(cx.book.value(id));
        let words = match mark {
            Mark::Good => "none: as it should be",
            Mark::Bad => "to be mended",
            Mark::Watch | Mark::Unknown | Mark::Plain => "not known",
        };
        [Cell::text(cx.book.label(id)), cx.cell(id), Cell::Marked(mark, words.to_owned())]
    });
    build::table("What the audit counts over all stacks", ["Weakness", "Count", "Stands"], rows)
}

/// One line a stack, where the audit was read.
fn stacks(cx: &Context<'_>) -> Vec<Block> {
    let Some(stacks) = cx.live.stacks.data() else { return Vec::new() };
    let row = |stack: &StackAudit| {
        let released = stack.released.map(|day| day.to_string());
        let lacking = |parts: Option<usize>| match parts {
            None => Cell::Missing,
            Some(0) => Cell::Marked(Mark::Good, "none".to_owned()),
            Some(count) => Cell::Marked(Mark::Bad, count.to_string()),
        };
        let without_waf = stack.distributions.as_ref().map(|all| all.iter().filter(|one| !one.waf).count());
        let open = stack.endpoints.as_ref();
        let open =
            open.map(|all| all.iter().filter(|one| !one.authenticated || !one.cors || !one.rate_limited).count());
        [
            Cell::text(format!("{} ({})", stack.stack, stack.env)),
            released.into(),
            lacking(without_waf),
            lacking(secrets_to_change(cx, stack)),
            lacking(open),
        ]
    };
    let columns = ["Stack", "Released", "No WAF", "Secrets to rotate", "Endpoints open"];
    vec![build::table("Stack by stack", columns, stacks.iter().map(row))]
}

/// How many secrets of a stack are overdue or in plain text; none where that is not known of all.
fn secrets_to_change(cx: &Context<'_>, stack: &StackAudit) -> Option<usize> {
    let Reading::Read { as_of, data, .. } = &cx.live.audit else { return None };
    let is_of = |one: &&SecretAge| (&one.stack, &one.env) == (&stack.stack, &stack.env);
    let wrong = |one: &SecretAge| Some(usize::from(one.is_overdue(*as_of)? || one.plaintext?));
    data.secrets.iter().filter(is_of).map(wrong).sum()
}

/// Where something in the files looks like a key, and what the code depends on that is known to be weak.
fn weaknesses(cx: &Context<'_>) -> Vec<Block> {
    let Some(audit) = cx.live.audit.data() else { return Vec::new() };
    let leak = |leak: &Leak| [Cell::text(format!("{}:{}", leak.path, leak.line)), Cell::text(&leak.what)];
    let advisories = audit.advisories.iter().flatten();
    let advisories =
        advisories.map(|one| [Cell::text(&one.package), Cell::text(format!("{}: {}", one.severity, one.id))]);
    let rows = [named(audit.leaks.iter().map(leak)), named(advisories)].concat();
    match rows.is_empty() {
        true => Vec::new(),
        false => vec![build::table("What was found in files and dependencies", ["Where", "What"], rows)],
    }
}

/// The first of what was found, and how many there are beyond: with hundreds of lines the mail would be cut off.
fn named(found: impl Iterator<Item = [Cell; 2]>) -> Vec<[Cell; 2]> {
    let mut rows: Vec<_> = found.collect();
    let others = rows.len().saturating_sub(MOST_NAMED);
    rows.truncate(MOST_NAMED);
    let rest = [Cell::text(format!("And others: {others}")), Cell::text("Each stands in exports/audit.jsonl")];
    rows.extend((others > 0).then_some(rest));
    rows
}

/// One line a function, where metrics were read.
fn functions(cx: &Context<'_>) -> Vec<Block> {
    let Some(functions) = cx.live.functions.data() else { return Vec::new() };
    let row = |one: &FunctionHealth| {
        let errors = match one.errors {
            0 => Cell::Marked(Mark::Good, "none".to_owned()),
            errors => Cell::Marked(Mark::Bad, errors.to_string()),
        };
        let mean = one.mean_ms.map(|ms| Range::exact(ms).words(Unit::Milliseconds));
        [
            Cell::text(&one.function),
            Cell::text(format!("{} in {} days", one.invocations, one.days)),
            errors,
            mean.into(),
        ]
    };
    vec![build::table("Function by function", ["Function", "Calls", "Failed", "Mean time"], functions.iter().map(row))]
}

fn costs(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.costs.iter().map(|cost| {
        [Cell::text(&cost.name), cx.cell(&cost.figure), cx.maybe(cost.saving.as_deref()), Cell::text(&cost.how)]
    });
    let rest = [
        Cell::text("On no line yet"),
        cx.cell("cost-rest"),
        cx.cell("saving-rest"),
        Cell::text("Read the bill by tag"),
    ];
    let total =
        [Cell::text("Together"), cx.cell("infrastructure-cost"), cx.cell("infrastructure-saving"), Cell::text("")];
    let columns = ["Line", "Cost", "Saving", "How to save"];
    total_table("Infrastructure line by line", columns, rows.chain([rest]), Some(total))
}

fn gaps(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.ux_gaps.iter().map(|gap| {
        let title = format!("{} ({})", gap.title, cx.portfolio.name_of(&gap.entity));
        [Cell::text(title), Cell::text(&gap.evidence), Cell::text(&gap.answer)]
    });
    build::table("Where people stumble", ["Gap", "How it is known", "What ends it"], rows)
}

fn practices(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.practices.iter().map(|practice| {
        let state = match practice.state {
            Some(PracticeState::Yes) => Cell::Marked(Mark::Good, "yes".to_owned()),
            Some(PracticeState::Partly) => Cell::Marked(Mark::Watch, "partly".to_owned()),
            Some(PracticeState::No) => Cell::Marked(Mark::Bad, "no".to_owned()),
            None => Cell::Missing,
        };
        [Cell::text(&practice.title), state, Cell::text(&practice.evidence)]
    });
    build::table("How software is shipped", ["Practice", "Followed", "How it is known"], rows)
}

fn delivery(cx: &Context<'_>) -> Block {
    let figures = ["deploys-a-week", "lead-time", "change-failure-share", "commits-a-week"];
    let rows = figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)]);
    build::table("How fast and how surely the product is released", ["Measure", "Value"], rows)
}

/// Commits and releases by week, where two full weeks or more were read.
fn activity(cx: &Context<'_>) -> Vec<Block> {
    let Reading::Read { as_of, data, .. } = &cx.live.git else { return Vec::new() };
    let weeks = full_weeks(data, *as_of);
    if weeks.len() < 2 {
        return Vec::new();
    }
    let line = |label: &str, figure: &str, values: Vec<Option<f64>>| Line {
        label: label.to_owned(),
        values,
        figures: vec![figure.to_owned()],
    };
    let commits = weeks.iter().map(|week| Some(f64::from(week.commits))).collect();
    let deploys = weeks.iter().map(|week| Some(f64::from(week.deploys))).collect();
    vec![Block::Chart(Chart::Lines {
        title: "Commits and releases, week by week".to_owned(),
        unit: Unit::PerWeek,
        at: weeks.iter().map(|week| week.week.strftime("%-d %b").to_string()).collect(),
        lines: vec![line("Commits", "commits-a-week", commits), line("Releases", "deploys-a-week", deploys)],
    })]
}

fn mail(cx: &Context<'_>) -> Block {
    let figures = [
        "mails-sent",
        "mails-unknown",
        "bounce-share",
        "mails-put-off",
        "mails-complained",
        "mail-rate-live",
        "mail-day-limit",
    ];
    let rows = figures.map(|id| [Cell::text(cx.book.label(id)), cx.cell(id)]);
    let account = cx.live.reputation.data().map(account).into_iter().flatten();
    let rows = rows.into_iter().chain(account);
    build::table("The mails of these reports, and the account that sends them", ["Measure", "Value"], rows)
}

/// How the mail account stands, in words.
fn account(account: &Reputation) -> [[Cell; 2]; 3] {
    let judged = |label: &str, good: bool, words: &str| {
        let mark = if good { Mark::Good } else { Mark::Bad };
        [Cell::text(label), Cell::Marked(mark, words.to_owned())]
    };
    let standing = match &account.standing {
        Some(standing) => judged("Its standing at SES", standing == "HEALTHY", &standing.to_lowercase()),
        None => [Cell::text("Its standing at SES"), Cell::Missing],
    };
    [
        judged("Whether it may send", account.sending, if account.sending { "yes" } else { "no: SES has stopped it" }),
        judged(
            "To whom",
            account.production,
            if account.production { "anybody" } else { "verified addresses alone: ask AWS for production access" },
        ),
        standing,
    ]
}

fn lacks(cx: &Context<'_>) -> Vec<Missing> {
    let lists = &cx.portfolio.lists;
    let practices = lists.practices.iter().filter(|practice| practice.state.is_none());
    let practices = practices.map(|practice| lack(MissingKind::Fact, format!("Whether it is so: {}", practice.title)));
    let savings = lists.costs.iter().filter(|cost| cost.saving.is_none());
    let savings = savings.map(|cost| lack(MissingKind::Figure, format!("What can be saved: {}", cost.name)));
    let endpoints = lists.systems.iter().filter(|system| system.endpoint.is_none());
    let endpoints = endpoints.map(|system| lack(MissingKind::Fact, format!("Where it is reached: {}", system.name)));
    practices.chain(savings).chain(endpoints).collect()
}
