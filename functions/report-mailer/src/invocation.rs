//! One invocation: every report is made, then each is sent; one that fails stops no other.

use functions_shared::config::WebAddress;
use jiff::Timestamp;
use serde::Serialize;

use crate::deliver::{Delivered, Delivery, Status};
use crate::portfolio::{Fault, Files, Portfolio};
use crate::render::{LARGEST_HTML_BYTES, Rendered, render};
use crate::report::{KINDS, Kind, Report};

/// What an invocation answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// What became of each report.
    pub reports: Vec<Delivered>,
}

/// A report, or why there is none.
pub type Made = Result<Rendered, Delivered>;

/// Makes every report of the portfolio that was compiled in, and sends it.
pub async fn run(delivery: &Delivery, request_id: &str) -> Answer {
    let portfolio = Portfolio::parse(&Files::embedded());
    let mut reports = Vec::new();
    for made in make(&portfolio, delivery.clock.now(), delivery.crew_site.as_ref()) {
        reports.push(match made {
            Ok(rendered) => delivery.deliver(&rendered, request_id).await,
            Err(failed) => failed,
        });
    }
    Answer { reports }
}

/// Makes every report. `crew_site` is where it sends its readers to see the sails.
pub fn make(portfolio: &Result<Portfolio, Vec<Fault>>, now: Timestamp, crew_site: Option<&WebAddress>) -> Vec<Made> {
    KINDS.iter().map(|kind| one(kind, portfolio, now, crew_site)).collect()
}

fn one(kind: &Kind, portfolio: &Result<Portfolio, Vec<Fault>>, now: Timestamp, crew_site: Option<&WebAddress>) -> Made {
    let portfolio = portfolio.as_ref().map_err(|faults| {
        let first = faults.first().map_or_else(String::new, Fault::to_string);
        Delivered::failed(kind.name, format!("the portfolio has {} faults: {first}", faults.len()))
    })?;
    let report = Report { crew_site: crew_site.map(ToString::to_string), ..(kind.make)(portfolio, now) };
    let rendered =
        render(&report).map_err(|error| Delivered::failed(kind.name, format!("cannot be rendered: {error}")))?;
    if rendered.html.len() > LARGEST_HTML_BYTES {
        tracing::warn!(report = kind.name, bytes = rendered.html.len(), "mail programs will cut this off");
    }
    Ok(rendered)
}

impl Answer {
    /// Whether a repetition of the invocation may mend something.
    pub fn has_failed(&self) -> bool {
        self.reports.iter().any(|report| report.status == Status::Failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_made() {
        let portfolio = Portfolio::parse(&Files::embedded());
        let made = make(&portfolio, Timestamp::UNIX_EPOCH, None);
        let names: Vec<_> = made.iter().map(|made| made.as_ref().expect("made").name).collect();
        assert_eq!(names, KINDS.map(|kind| kind.name));
    }

    #[test]
    fn a_broken_portfolio_fails_each_report_with_its_place() {
        let mut files = Files::embedded();
        files.0.insert("kpis.toml".to_owned(), "[[kpi]]\nid = 1\n".to_owned());
        let made = make(&Portfolio::parse(&files), Timestamp::UNIX_EPOCH, None);
        let failed = made[0].as_ref().expect_err("a fault");
        let error = failed.error.as_deref().expect("a reason");
        assert!(error.contains("kpis.toml:"), "{error}");
        let answer = Answer { reports: vec![failed.clone()] };
        assert!(answer.has_failed());
    }
}
