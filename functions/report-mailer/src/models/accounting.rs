//! A month in the books: what is known of income and expenses, posted to the chart of accounts.

use std::collections::BTreeMap;

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::portfolio::{Account, AccountClass, Line, Portfolio};

/// The figure of what is spent in a month.
const BURN: &str = "burn";
/// The figure of what the burn leaves over when all recorded expenses are taken away.
const REST: &str = "burn-rest";

/// The totals of every account that a month touches.
#[derive(Clone, Debug, PartialEq)]
pub struct Trial<'a> {
    /// By number of the account.
    pub rows: Vec<Row<'a>>,
    /// All debits.
    pub debits: Range,
    /// All credits: the same as the debits.
    pub credits: Range,
    /// Lines whose figure is missing: they are in no total.
    pub left_out: Vec<&'a Line>,
}

/// What a month does to one account.
#[derive(Clone, Debug, PartialEq)]
pub struct Row<'a> {
    /// The account.
    pub account: &'a Account,
    /// What is written on its left.
    pub debit: Range,
    /// What is written on its right.
    pub credit: Range,
}

impl Trial<'_> {
    /// Whether debits and credits are the same, at the least and at the most, to the cent.
    pub fn balances(&self) -> bool {
        const CENT: f64 = 0.01;
        let near = |one: f64, other: f64| (one - other).abs() < CENT;
        near(self.debits.low, self.credits.low) && near(self.debits.high, self.credits.high)
    }
}

/// The trial balance of a month.
pub fn trial<'a>(portfolio: &'a Portfolio, book: &Book) -> Trial<'a> {
    let none = Range::exact(0.0);
    let mut left_out = Vec::new();
    let mut sums: BTreeMap<u32, Row<'a>> = BTreeMap::new();
    for line in &portfolio.lists.lines {
        let Some((amount, (income_or_expense, other))) = book.value(figure(line)).zip(accounts(portfolio, line)) else {
            left_out.push(line);
            continue;
        };
        let (debited, credited) = match income_or_expense.class {
            AccountClass::Income | AccountClass::Liability | AccountClass::Equity => (other, income_or_expense),
            AccountClass::Expense | AccountClass::Asset => (income_or_expense, other),
        };
        let row = |account: &'a Account| Row { account, debit: none, credit: none };
        let row_of = sums.entry(debited.number).or_insert_with(|| row(debited));
        row_of.debit = row_of.debit.plus(amount);
        let row_of = sums.entry(credited.number).or_insert_with(|| row(credited));
        row_of.credit = row_of.credit.plus(amount);
    }
    let rows: Vec<Row<'a>> = sums.into_values().collect();
    let sum = |side: fn(&Row<'a>) -> Range| rows.iter().map(side).fold(none, Range::plus);
    Trial { debits: sum(|row| row.debit), credits: sum(|row| row.credit), rows, left_out }
}

/// Writes what the burn leaves over into the book. It is none where the recorded expenses are more than the burn: one of
/// the two is wrong, and a negative expense would hide it.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio) {
    let known = known_expenses(portfolio, book);
    let inputs: Vec<&str> = std::iter::once(BURN).chain(known.iter().map(String::as_str)).collect();
    let left = |v: &[Range]| v[0].minus_paired(v[1..].iter().copied().fold(Range::exact(0.0), Range::plus));
    let words = "burn − the recorded expenses";
    let rest = Formula::new(REST, "What of the burn is on no line", Unit::UsdPerMonth, words, &inputs);
    book.compute(rest, |v| Some(left(v)).filter(|left| left.low >= 0.0 && left.high >= 0.0));
    let words = "the recorded expenses − burn";
    let excess = Formula::new("burn-excess", "Recorded expenses beyond the burn", Unit::UsdPerMonth, words, &inputs);
    book.compute(excess, |v| Some(-left(v).low.min(left(v).high)).filter(|over| *over > 0.0).map(Range::exact));
}

/// The figure of a line: its own, or what the burn leaves over.
pub fn figure(line: &Line) -> &str {
    line.figure.as_deref().unwrap_or(REST)
}

/// The ids of the recorded expenses of a month.
fn known_expenses(portfolio: &Portfolio, book: &Book) -> Vec<String> {
    let is_expense = |line: &&Line| account(portfolio, &line.account).is_some_and(|a| a.class == AccountClass::Expense);
    let expenses = portfolio.lists.lines.iter().filter(is_expense).filter_map(|line| line.figure.as_deref());
    expenses.filter(|figure| book.value(figure).is_some()).map(str::to_owned).collect()
}

/// An account by its id.
pub fn account<'a>(portfolio: &'a Portfolio, id: &str) -> Option<&'a Account> {
    portfolio.lists.accounts.iter().find(|account| &*account.id == id)
}

fn accounts<'a>(portfolio: &'a Portfolio, line: &Line) -> Option<(&'a Account, &'a Account)> {
    account(portfolio, &line.account).zip(account(portfolio, &line.against))
}
