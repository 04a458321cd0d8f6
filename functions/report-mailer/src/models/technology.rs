//! What the infrastructure costs line by line, and how far the way of shipping is.

use jiff::civil::Date;

use crate::book::{Book, Formula};
use crate::figure::{Range, Unit};
use crate::portfolio::{Portfolio, PracticeState};

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio, as_of: Date) {
    let costs = portfolio.lists.costs.iter().map(|cost| &*cost.figure);
    sum(book, "cost-lines", "Cost lines that are known", costs, as_of);
    let savings = portfolio.lists.costs.iter().filter_map(|cost| cost.saving.as_deref());
    sum(book, "saving-lines", "Savings that are known line by line", savings, as_of);
    rest(book, "cost-rest", "Infrastructure on no line", "infrastructure-cost", "cost-lines");
    rest(book, "saving-rest", "Saving on no line", "infrastructure-saving", "saving-lines");
    maturity(book, portfolio, as_of);
}

/// The known ones of some figures, added up; zero where none is known.
fn sum<'a>(book: &mut Book, id: &str, label: &str, figures: impl Iterator<Item = &'a str>, as_of: Date) {
    let known: Vec<&str> = figures.filter(|figure| book.value(figure).is_some()).collect();
    if known.is_empty() {
        return book.record(id, label, Unit::UsdPerMonth, Range::exact(0.0), "no line is known", as_of);
    }
    let formula = Formula::new(id, label, Unit::UsdPerMonth, "the known lines added up", &known);
    book.compute(formula, |v| v.iter().copied().reduce(Range::plus));
}

fn rest(book: &mut Book, id: &str, label: &str, whole: &str, lines: &str) {
    let formula = Formula::new(id, label, Unit::UsdPerMonth, "the whole − the known lines", &[whole, lines]);
    book.compute(formula, |v| Some(v[0].minus(v[1])));
}

/// Points of the practices whose state is known: one for always, a half for in places.
fn maturity(book: &mut Book, portfolio: &Portfolio, as_of: Date) {
    let states: Vec<PracticeState> = portfolio.lists.practices.iter().filter_map(|practice| practice.state).collect();
    let points: f64 = states.iter().map(|state| state.points()).sum();
    let unknown = portfolio.lists.practices.len() - states.len();
    let source = "counted in the portfolio";
    let points = Range::exact(points);
    book.record("practice-points", "Points of the practices of shipping", Unit::Points, points, source, as_of);
    let judged = Range::count(states.len());
    book.record("practices-judged", "Practices whose state is known", Unit::Count, judged, source, as_of);
    book.record(
        "practices-unknown",
        "Practices whose state is missing",
        Unit::Count,
        Range::count(unknown),
        source,
        as_of,
    );
    let maturity = Formula::new(
        "maturity",
        "Maturity of shipping",
        Unit::Percent,
        "points ÷ practices whose state is known",
        &["practice-points", "practices-judged"],
    );
    book.compute(maturity, |v| v[0].percent_over(v[1]));
}

impl PracticeState {
    /// Its points: one for always, a half for in places.
    pub fn points(self) -> f64 {
        match self {
            Self::Yes => 1.0,
            Self::Partly => 0.5,
            Self::No => 0.0,
        }
    }
}
