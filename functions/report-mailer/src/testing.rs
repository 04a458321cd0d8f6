//! What several tests of this crate begin with.

use std::sync::LazyLock;

use jiff::civil::date;

use crate::live::Live;
use crate::portfolio::{Files, Portfolio};
use crate::report::{self, Report};

/// Every report of the portfolio that was compiled in, without live sources. They are made once.
pub fn reports() -> Vec<Report> {
    static REPORTS: LazyLock<Vec<Report>> = LazyLock::new(|| {
        let portfolio = Portfolio::read(&Files::embedded());
        let all = report::all(&portfolio, &Live::default(), date(2026, 11, 21));
        all.into_iter().map(|made| made.expect("made")).collect()
    });
    REPORTS.clone()
}
