//! In which order charters are listed on booking sites.

use crate::book::Book;
use crate::figure::Range;
use crate::portfolio::{Audience, BookingSite, Portfolio};

/// Points for a commission up to so many hundredths.
const COMMISSIONS: [(f64, u32); 2] = [(15.0, 3), (20.0, 2)];

/// A booking site with its points.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored<'a> {
    /// The site.
    pub site: &'a BookingSite,
    /// For who searches there: 3 people who want a boat, 1 people who want something to do.
    pub audience: u32,
    /// For a listing that takes little: 3 a day, 2 a week, 1 more.
    pub ease: u32,
    /// For a low commission, 1 to 3; absent: the commission is missing and gives no points.
    pub commission: Option<u32>,
}

impl Scored<'_> {
    /// All points.
    pub fn points(&self) -> u32 {
        self.audience + self.ease + self.commission.unwrap_or(0)
    }
}

/// The sites by their points; those with the same stay in the agreed order.
pub fn sequence<'a>(portfolio: &'a Portfolio, book: &Book) -> Vec<Scored<'a>> {
    let mut sites: Vec<Scored<'_>> = portfolio.lists.booking_sites.iter().map(|site| score(site, book)).collect();
    sites.sort_by_key(|scored| (std::cmp::Reverse(scored.points()), scored.site.order));
    sites
}

/// Whether the points say the same as the agreed order.
pub fn agrees(sequence: &[Scored<'_>]) -> bool {
    sequence.is_sorted_by_key(|scored| scored.site.order)
}

fn score<'a>(site: &'a BookingSite, book: &Book) -> Scored<'a> {
    Scored {
        site,
        audience: match site.audience {
            Audience::Boats => 3,
            Audience::Tours => 1,
        },
        ease: 4 - site.effort.points(),
        commission: book.value(&site.commission).map(commission),
    }
}

/// The worst of a span counts.
fn commission(percent: Range) -> u32 {
    let found = COMMISSIONS.into_iter().find(|(limit, _)| percent.high <= *limit);
    found.map_or(1, |(_, points)| points)
}
