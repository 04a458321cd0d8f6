//! The accountant's report: accounts, a month in the books, recognition, milestones.

use std::collections::BTreeMap;

use super::build::{self, Goal, lack, total_table};
use super::draft::{Context, Draft};
use super::{Block, Cell, Kpi, Missing, MissingKind, ReportId, plans};
use crate::figure::{Range, Unit};
use crate::models::accounting::{self, Row, Trial};
use crate::portfolio::{Account, AccountClass, Line};

/// What the report adds to its text.
pub(super) fn draft(cx: &Context<'_>) -> Draft {
    let trial = accounting::trial(cx.portfolio, cx.book);
    let blocks = BTreeMap::from([
        ("accounts", vec![accounts(cx)]),
        ("expenses", vec![lines(cx, AccountClass::Expense, "Expenses of a month by category and entity")]),
        ("income", vec![lines(cx, AccountClass::Income, "Income of a month by category and entity")]),
        ("trial", vec![trial_table(&trial)]),
        ("recognition", vec![recognition(cx)]),
        ("milestones", vec![plans::milestones(cx, ReportId::Accounting)]),
        (
            "cost-chart",
            cx.bars("What is known of the burn, line by line", Unit::UsdPerMonth, &["burn", "infrastructure-cost"]),
        ),
    ]);
    let words = BTreeMap::from([
        ("balance", if trial.balances() { "balances" } else { "does not balance" }.to_owned()),
        ("debits", trial.debits.words(Unit::Usd)),
        ("credits", trial.credits.words(Unit::Usd)),
        ("left-out", trial.left_out.len().to_string()),
        ("lines", cx.portfolio.lists.lines.len().to_string()),
    ]);
    Draft { kpis: kpis(cx), blocks, words, lacks: lacks(cx, &trial) }
}

fn kpis(cx: &Context<'_>) -> Vec<Kpi> {
    vec![
        cx.kpi("burn", Goal::None, "What is spent in a month"),
        cx.kpi("burn-a-year", Goal::None, "The same in a year"),
        cx.kpi("infrastructure-cost", Goal::None, "The one expense that has a figure of its own"),
        cx.kpi("revenue-total", Goal::AtLeast("burn"), "All entities in a month"),
        cx.kpi("count-revenue-recorded", Goal::AtLeast("count-entities"), "Entities that can be closed at all"),
        cx.kpi("count-accounts", Goal::None, "Accounts of the proposed chart"),
        cx.kpi("count-contracts", Goal::None, "Of all that is sold"),
    ]
}

fn accounts(cx: &Context<'_>) -> Block {
    let class = |class| match class {
        AccountClass::Asset => "asset",
        AccountClass::Liability => "liability",
        AccountClass::Equity => "equity",
        AccountClass::Income => "income",
        AccountClass::Expense => "expense",
    };
    let mut accounts: Vec<&Account> = cx.portfolio.lists.accounts.iter().collect();
    accounts.sort_by_key(|account| account.number);
    let rows = accounts.into_iter().map(|account| {
        [Cell::text(account.number.to_string()), Cell::text(&account.name), Cell::text(class(account.class))]
    });
    build::table("The chart of accounts of the holding company", ["Number", "Account", "Class"], rows)
}

/// Income or expenses of a month; what the burn leaves over is the last line of the expenses.
fn lines(cx: &Context<'_>, class: AccountClass, caption: &str) -> Block {
    let is_of =
        |line: &&Line| accounting::account(cx.portfolio, &line.account).is_some_and(|account| account.class == class);
    let rows = cx.portfolio.lists.lines.iter().filter(is_of).map(|line| {
        let number = accounting::account(cx.portfolio, &line.account).map_or(0, |account| account.number);
        [
            Cell::text(&line.category),
            cx.name(&line.entity),
            Cell::text(number.to_string()),
            cx.cell(accounting::figure(line)),
        ]
    });
    let whole = if class == AccountClass::Expense { "burn" } else { "revenue-total" };
    let total = [Cell::text("Together"), Cell::text(""), Cell::text(""), cx.cell(whole)];
    total_table(caption, ["Category", "Entity", "Account", "A month"], rows, Some(total))
}

fn trial_table(trial: &Trial<'_>) -> Block {
    let side = |amount: Range| match amount.high > 0.0 {
        true => Cell::text(amount.words(Unit::Usd)),
        false => Cell::text(""),
    };
    let row = |row: &Row<'_>| {
        let name = format!("{} {}", row.account.number, row.account.name);
        [Cell::text(name), side(row.debit), side(row.credit)]
    };
    let total = [Cell::text("Totals"), side(trial.debits), side(trial.credits)];
    total_table(
        "A month in the books: trial totals",
        ["Account", "Debit", "Credit"],
        trial.rows.iter().map(row),
        Some(total),
    )
}

fn recognition(cx: &Context<'_>) -> Block {
    let rows = cx.portfolio.lists.recognitions.iter().map(|rule| {
        [Cell::text(&rule.stream), Cell::text(&rule.counts), Cell::text(&rule.until_then), Cell::text(&rule.proof)]
    });
    build::table("When revenue counts", ["Sold", "Counts", "Until then", "Proof"], rows)
}

fn lacks(cx: &Context<'_>, trial: &Trial<'_>) -> Vec<Missing> {
    let lines = trial.left_out.iter().map(|line| {
        let entity = cx.portfolio.name_of(&line.entity);
        lack(MissingKind::Fact, format!("Not in the trial totals: {} of {entity}", line.category))
    });
    let opening = lack(MissingKind::Fact, "Opening balances of every account, and all entries so far");
    lines.chain([opening]).collect()
}
