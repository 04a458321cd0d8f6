//! One invocation: what is known is read, every report is made and sent, then others hear of it. One report that
//! fails stops no other, a source that fails stops none.

use futures::future::join_all;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use functions_shared::zone;

use crate::after::{After, Followed, Ways};
use crate::deliver::{Delivered, Delivery, Pace, Run, Status};
use crate::live::{Live, Reading};
use crate::portfolio::{Files, Portfolio};
use crate::report::{self, Failed, Report, ReportId};
use crate::sources::Sources;

/// The source of the events of EventBridge's schedules.
const SCHEDULES: &str = "aws.events";

/// Everything that an invocation stands on.
pub struct Program {
    /// What is read.
    pub sources: Sources,
    /// How reports go out.
    pub delivery: Delivery,
    /// Who else hears of it.
    pub after: After,
    /// The way to them.
    pub ways: Ways,
}

/// What an invocation is asked for. The events of a schedule have other keys, which are not looked at.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The names of the reports; none: all of them.
    pub only: Vec<String>,
}

/// What an invocation answers.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Answer {
    /// What became of each report.
    pub reports: Vec<Delivered>,
    /// The sources that failed, and why.
    pub sources_failed: Vec<SourceFailed>,
    /// What followed.
    #[serde(flatten)]
    pub followed: Followed,
}

/// A source that was asked and gave nothing.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct SourceFailed {
    /// Its name in this program.
    pub source: &'static str,
    /// The error's class.
    pub error: String,
}

/// What a run is known by, so that it sends nothing twice: the event's own id where a schedule fires, which EventBridge
/// may deliver more than once, else the id of the request.
pub fn run_id(event: &Value, request_id: &str) -> String {
    let fired = event["source"] == SCHEDULES;
    event["id"].as_str().filter(|id| fired && !id.is_empty()).unwrap_or(request_id).to_owned()
}

/// Makes every report that is asked for, of the portfolio that was compiled in, and sends it. `progress` is told each as
/// it is done.
pub async fn run(program: &Program, request_id: &str, only: &[ReportId], progress: &dyn Fn(&Delivered)) -> Answer {
    let delivery = &program.delivery;
    let made = delivery.clock.now();
    let live = program.sources.read(made).await;
    let rate = live.reputation.data().map(|account| account.recipients_a_second);
    let run = Run { id: request_id.to_owned(), made, pace: Pace::of(rate) };
    let reports = make(&Portfolio::read(&Files::embedded()), &live, made, only);
    let deliveries = reports.iter().map(async |report| {
        let delivered = match report {
            Ok(report) => delivery.deliver(&run, report).await,
            Err(failed) => Delivered::failed(failed.report.name(), failed),
        };
        progress(&delivered);
        delivered
    });
    let delivered = join_all(deliveries).await;
    let made: Vec<&Report> = reports.iter().filter_map(|report| report.as_ref().ok()).collect();
    let followed = program.after.follow(&program.ways, &made, &delivered).await;
    Answer { reports: delivered, sources_failed: failed(&live), followed }
}

/// Makes the reports that are asked for; none asked for: all.
pub fn make(portfolio: &Portfolio, live: &Live, made: Timestamp, only: &[ReportId]) -> Vec<Result<Report, Failed>> {
    let id = |report: &Result<Report, Failed>| report.as_ref().map_or_else(|failed| failed.report, |report| report.id);
    let mut reports = report::all(portfolio, live, zone::date_of(made));
    reports.retain(|report| only.is_empty() || only.contains(&id(report)));
    reports
}

/// The sources that were asked and gave nothing.
fn failed(live: &Live) -> Vec<SourceFailed> {
    fn error<T>(reading: &Reading<T>) -> Option<String> {
        match reading {
            Reading::Failed { error } => Some(error.clone()),
            Reading::NotAsked | Reading::Read { .. } => None,
        }
    }
    let Live { sails, roles, waivers, sent, functions, stacks, audit, git, reputation } = live;
    let all = [
        ("sails", error(sails)),
        ("roles", error(roles)),
        ("waivers", error(waivers)),
        ("sent", error(sent)),
        ("functions", error(functions)),
        ("stacks", error(stacks)),
        ("audit", error(audit)),
        ("git", error(git)),
        ("reputation", error(reputation)),
    ];
    all.into_iter().filter_map(|(source, error)| Some(SourceFailed { source, error: error? })).collect()
}

impl Asked {
    /// The reports that are asked for, or the name that is none.
    pub fn reports(&self) -> Result<Vec<ReportId>, String> {
        let known = |name: &String| name.parse().map_err(|fault| format!("only: {fault}"));
        self.only.iter().map(known).collect()
    }
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
    fn a_firing_that_is_delivered_twice_is_one_run_and_what_a_person_asks_for_twice_is_two() {
        let fired = serde_json::json!({ "source": "aws.events", "id": "e1", "detail-type": "Scheduled Event" });
        assert_eq!([run_id(&fired, "r1"), run_id(&fired, "r2")], ["e1", "e1"]);
        for asked in ["{}", r#"{ "only": ["ceo"] }"#, r#"{ "id": "e1" }"#, r#"{ "source": "aws.events", "id": "" }"#] {
            let asked: Value = serde_json::from_str(asked).expect("JSON");
            assert_eq!(run_id(&asked, "r1"), "r1", "{asked}");
        }
    }

    #[test]
    fn every_report_is_made_or_those_that_are_asked_for() {
        let portfolio = Portfolio::read(&Files::embedded());
        let names = |only: &[ReportId]| -> Vec<&str> {
            let made = make(&portfolio, &Live::default(), Timestamp::UNIX_EPOCH, only);
            made.iter().map(|made| made.as_ref().expect("made").id.name()).collect()
        };
        assert_eq!(names(&[]), ReportId::ALL.map(ReportId::name));
        assert_eq!(names(&[ReportId::Ceo]), ["ceo"]);
    }

    #[test]
    fn a_name_that_is_no_report_is_refused() {
        let asked = |only: &str| Asked { only: vec![only.to_owned()] }.reports();
        assert_eq!(asked("yacht-delivery"), Ok(vec![ReportId::YachtDelivery]));
        assert!(asked("cio").is_err_and(|fault| fault.contains("`cio`") && fault.contains("client-portfolio")));
    }

    #[test]
    fn a_broken_part_fails_its_report_alone_and_names_its_place() {
        let mut files = Files::embedded();
        files.0.insert("rental.toml".to_owned(), "[[rate]]\nid = 1\n".to_owned());
        let made = make(&Portfolio::read(&files), &Live::default(), Timestamp::UNIX_EPOCH, &[]);
        let failed: Vec<&Failed> = made.iter().filter_map(|made| made.as_ref().err()).collect();
        let [failed] = failed.as_slice() else { panic!("{failed:?}") };
        assert_eq!(failed.report, ReportId::Rental);
        let delivered = Delivered::failed(failed.report.name(), failed);
        assert!(delivered.error.as_ref().is_some_and(|error| error.contains("rental.toml:")), "{delivered:?}");
        let answer = Answer { reports: vec![delivered], sources_failed: Vec::new(), followed: Followed::default() };
        assert!(answer.has_failed());
    }
}
