//! One invocation: every report is made, then each is sent; one that fails stops no other.

use functions_shared::config::WebAddress;
use functions_shared::zone;
use jiff::Timestamp;
use serde::Serialize;

use crate::deliver::{Delivered, Delivery, Status};
use crate::live::Live;
use crate::portfolio::{Files, Portfolio};
use crate::render::{LARGEST_HTML_BYTES, Rendered, render};
use crate::report::{self, Failed, Report};

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
    let portfolio = Portfolio::read(&Files::embedded());
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
pub fn make(portfolio: &Portfolio, now: Timestamp, crew_site: Option<&WebAddress>) -> Vec<Made> {
    let reports = report::all(portfolio, &Live::default(), zone::date_of(now));
    reports.into_iter().map(|report| one(report, now, crew_site)).collect()
}

fn one(report: Result<Report, Failed>, now: Timestamp, crew_site: Option<&WebAddress>) -> Made {
    let report = report.map_err(|failed| Delivered::failed(failed.report.name(), failed))?;
    let name = report.id.name();
    let rendered = render(&report, now, crew_site.map(ToString::to_string));
    let rendered = rendered.map_err(|error| Delivered::failed(name, format!("cannot be rendered: {error}")))?;
    if rendered.html.len() > LARGEST_HTML_BYTES {
        tracing::warn!(report = name, bytes = rendered.html.len(), "mail programs will cut this off");
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
        let portfolio = Portfolio::read(&Files::embedded());
        let made = make(&portfolio, Timestamp::UNIX_EPOCH, None);
        assert!(!made.is_empty() && made.iter().all(Result::is_ok));
    }

    #[test]
    fn a_broken_part_fails_its_report_alone_and_names_its_place() {
        let mut files = Files::embedded();
        files.0.insert("rental.toml".to_owned(), "[[rate]]\nid = 1\n".to_owned());
        let made = make(&Portfolio::read(&files), Timestamp::UNIX_EPOCH, None);
        let failed: Vec<&Delivered> = made.iter().filter_map(|made| made.as_ref().err()).collect();
        let [failed] = failed.as_slice() else { panic!("{failed:?}") };
        assert_eq!(failed.report, "rental");
        let error = failed.error.as_deref().expect("a reason");
        assert!(error.contains("rental.toml:"), "{error}");
        let answer = Answer { reports: vec![(*failed).clone()] };
        assert!(answer.has_failed());
    }
}
