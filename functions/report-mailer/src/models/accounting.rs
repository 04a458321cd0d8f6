//! A month in the books: what is known of income and expenses, posted to the chart of accounts.

use std::collections::BTreeMap;

use crate::book::Book;
use crate::figure::Range;
use crate::portfolio::{Account, AccountClass, Line, Portfolio};

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
        let Some((amount, (income_or_expense, other))) = value(portfolio, book, line).zip(accounts(portfolio, line))
        else {
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

/// The figure of a line: its own, or what the burn leaves over.
pub fn value(portfolio: &Portfolio, book: &Book, line: &Line) -> Option<Range> {
    match &line.figure {
        Some(figure) => book.value(figure),
        None => {
            let known = known_expenses(portfolio, book);
            book.value("burn").map(|burn| burn.minus_paired(known))
        }
    }
}

/// The recorded expenses of a month, added up.
pub fn known_expenses(portfolio: &Portfolio, book: &Book) -> Range {
    let is_expense = |line: &&Line| account(portfolio, &line.account).is_some_and(|a| a.class == AccountClass::Expense);
    let expenses = portfolio.lists.lines.iter().filter(is_expense);
    let figures = expenses.filter_map(|line| book.value(line.figure.as_deref()?));
    figures.fold(Range::exact(0.0), Range::plus)
}

/// An account by its id.
pub fn account<'a>(portfolio: &'a Portfolio, id: &str) -> Option<&'a Account> {
    portfolio.lists.accounts.iter().find(|account| &*account.id == id)
}

fn accounts<'a>(portfolio: &'a Portfolio, line: &Line) -> Option<(&'a Account, &'a Account)> {
    account(portfolio, &line.account).zip(account(portfolio, &line.against))
}
