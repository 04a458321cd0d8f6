//! What follows from what is known. A figure whose input is missing is missing: nothing is guessed.

pub mod accounting;
mod blast;
pub mod booking_sites;
pub mod capital;
mod clients;
mod counts;
mod delivery;
mod finance;
mod measured;
pub mod periods;
pub mod ranking;
mod rental;
pub mod technology;
pub mod timeline;
#[cfg(test)]
mod tests;

pub use clients::TERMS_DAYS;
pub use delivery::{SPEEDS, UNPAID_DAYS};
pub use rental::OCCUPANCIES;

use jiff::civil::Date;

use crate::book::Book;
use crate::live::Live;
use crate::portfolio::Portfolio;

/// Every figure: recorded, read and computed.
pub fn book(portfolio: &Portfolio, live: &Live, as_of: Date) -> Book {
    let mut book = Book::of(portfolio);
    measured::write(&mut book, live);
    counts::write(&mut book, portfolio, as_of);
    finance::write(&mut book, portfolio);
    accounting::write(&mut book, portfolio);
    blast::write(&mut book);
    technology::write(&mut book, portfolio, as_of);
    rental::write(&mut book, portfolio, as_of);
    delivery::write(&mut book, portfolio);
    clients::write(&mut book, portfolio);
    book
}
