//! Burn, runway, break-even and what infrastructure may cost.

use crate::book::{Book, Formula};
use crate::figure::Unit;
use crate::portfolio::Portfolio;

const MONTHS_A_YEAR: f64 = 12.0;
const DAYS_A_YEAR: f64 = 365.0;

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio) {
    burn(book);
    revenue(book, portfolio);
    break_even(book);
    infrastructure(book);
}

fn burn(book: &mut Book) {
    let a_year = Formula::new("burn-a-year", "Burn in a year", Unit::UsdPerYear, "burn × 12", &["burn"]);
    book.compute(a_year, |v| Some(v[0].times(MONTHS_A_YEAR)));
    let a_day = Formula::new("burn-a-day", "Burn in a day", Unit::Usd, "burn × 12 ÷ 365", &["burn"]);
    book.compute(a_day, |v| Some(v[0].times(MONTHS_A_YEAR / DAYS_A_YEAR)));
    let runway =
        Formula::new("runway", "Runway without revenue", Unit::Months, "cash at hand ÷ burn", &["cash", "burn"]);
    book.compute(runway, |v| v[0].over(v[1]));
}

fn revenue(book: &mut Book, portfolio: &Portfolio) {
    let revenues: Vec<&str> = portfolio.lists.entities.iter().filter_map(|entity| entity.revenue.as_deref()).collect();
    let words = "the revenue of all entities added up";
    let total = Formula::new("revenue-total", "Revenue of the group", Unit::UsdPerMonth, words, &revenues);
    book.compute(total, |v| v.iter().copied().reduce(|sum, one| sum.plus(one)));
    let gap = Formula::new(
        "revenue-gap",
        "What revenue lacks to the burn",
        Unit::UsdPerMonth,
        "burn − revenue of the group",
        &["burn", "revenue-total"],
    );
    book.compute(gap, |v| Some(v[0].minus(v[1])));
}

fn break_even(book: &mut Book) {
    let margin = Formula::new(
        "margin-to-break-even",
        "What each charter must leave to break even",
        Unit::Usd,
        "burn ÷ charters to break even",
        &["burn", "break-even-charters"],
    );
    book.compute(margin, |v| v[0].over(v[1]));
    let year = Formula::new(
        "break-even-charters-a-year",
        "Charters to break even in a year",
        Unit::Charters,
        "charters to break even × 12",
        &["break-even-charters"],
    );
    book.compute(year, |v| Some(v[0].times(MONTHS_A_YEAR)));
    let left = Formula::new(
        "charter-margin",
        "What a charter leaves",
        Unit::Usd,
        "average price of a charter − its variable cost",
        &["charter-price", "charter-cost"],
    );
    book.compute(left, |v| Some(v[0].minus(v[1])));
    let needed = Formula::new(
        "break-even-computed",
        "Charters that pay the burn",
        Unit::ChartersPerMonth,
        "burn ÷ what a charter leaves",
        &["burn", "charter-margin"],
    );
    book.compute(needed, |v| v[0].over(v[1]));
}

fn infrastructure(book: &mut Book) {
    let after = Formula::new(
        "infrastructure-after-saving",
        "Infrastructure after the saving",
        Unit::UsdPerMonth,
        "infrastructure − what can be saved",
        &["infrastructure-cost", "infrastructure-saving"],
    );
    book.compute(after, |v| Some(v[0].minus(v[1])));
    let year = Formula::new(
        "saving-a-year",
        "Saving in infrastructure in a year",
        Unit::UsdPerYear,
        "what can be saved × 12",
        &["infrastructure-saving"],
    );
    book.compute(year, |v| Some(v[0].times(MONTHS_A_YEAR)));
    let share = Formula::new(
        "infrastructure-in-burn",
        "Infrastructure as a share of burn",
        Unit::Percent,
        "infrastructure ÷ burn",
        &["infrastructure-cost", "burn"],
    );
    book.compute(share, |v| v[0].percent_over(v[1]));
    let carried = Formula::new(
        "revenue-for-infrastructure",
        "Incremental revenue that carries the infrastructure",
        Unit::UsdPerMonth,
        "infrastructure ÷ its limit in incremental revenue",
        &["infrastructure-cost", "infrastructure-limit"],
    );
    book.compute(carried, |v| v[0].percent_over(v[1]));
}
