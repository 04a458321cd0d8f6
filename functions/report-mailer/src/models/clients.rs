//! Work for clients: what is done, billed and paid, and what terms of payment cost.

use crate::book::{Book, Formula};
use crate::figure::Unit;
use crate::portfolio::Portfolio;

/// Terms of payment of the table, in days.
pub const TERMS_DAYS: [u32; 5] = [0, 15, 30, 45, 60];
const DAYS_A_MONTH: f64 = 30.0;

/// Writes the figures into the book.
pub(super) fn write(book: &mut Book, portfolio: &Portfolio) {
    for client in &portfolio.lists.clients {
        let label = format!("Billing gap of {}", client.name);
        let words = "worth of the work − invoiced";
        let id = format!("{}-gap", &*client.id);
        let formula = Formula::new(&id, &label, Unit::UsdPerMonth, words, &[&client.work, &client.invoiced]);
        book.compute(formula, |v| Some(v[0].minus(v[1])));
    }
    let work = Formula::new(
        "client-work",
        "Worth of the work done",
        Unit::UsdPerMonth,
        "hours of a month × rate of an hour",
        &["client-hours", "client-rate"],
    );
    book.compute(work, |v| Some(v[0].by(v[1])));
    let gap = Formula::new(
        "billing-gap",
        "Billing gap",
        Unit::UsdPerMonth,
        "worth of the work done − invoiced",
        &["client-work", "client-invoiced"],
    );
    book.compute(gap, |v| Some(v[0].minus(v[1])));
    let open = Formula::new(
        "client-open",
        "Invoiced and not paid",
        Unit::UsdPerMonth,
        "invoiced − paid",
        &["client-invoiced", "client-paid"],
    );
    book.compute(open, |v| Some(v[0].minus(v[1])));
    let days = Formula::new(
        "client-days-outstanding",
        "Days until an invoice is paid",
        Unit::Days,
        "invoiced and not paid ÷ invoiced × 30",
        &["client-open", "client-invoiced"],
    );
    book.compute(days, |v| Some(v[0].over(v[1])?.times(DAYS_A_MONTH)));
    for days in TERMS_DAYS {
        let label = format!("Money that waits at {days} days, for each $1,000 billed a month");
        let words = format!("$1,000 × {days} ÷ 30");
        let formula = Formula::new(&format!("client-waits-{days}"), &label, Unit::Usd, &words, &["client-thousand"]);
        book.compute(formula, |v| Some(v[0].times(f64::from(days) / DAYS_A_MONTH)));
    }
}
