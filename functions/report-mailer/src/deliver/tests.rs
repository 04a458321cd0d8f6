use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Mutex;

use functions_shared::mail::compose;
use functions_shared::testing::{Faults, FixedClock, MemoryObjects, Outbox, Strike};
use mail_parser::MessageParser;

use super::*;
use crate::feedback::Said;
use crate::testing::reports;

mod waits;

/// The table of reports in memory, with the same conditions.
#[derive(Default)]
struct MemorySentReports {
    faults: Arc<Faults>,
    held: Mutex<HashMap<(&'static str, String), Option<Outcome>>>,
    noted: Mutex<BTreeSet<String>>,
}

impl MemorySentReports {
    fn taken(&self, claim: &Claim) -> Option<Taken> {
        let held = self.held.lock().expect("never poisoned");
        match held.get(&(claim.report, claim.request_id.clone()))? {
            Some(Outcome::Sent(receipt)) => Some(Taken::Sent(receipt.clone())),
            _ => Some(Taken::Unknown),
        }
    }
}

impl SentReports for MemorySentReports {
    fn look<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Option<Taken>, CallError>> {
        let result = self.faults.call("GetItem", || Ok(self.taken(claim)));
        Box::pin(async { result })
    }

    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>> {
        let result = self.faults.call("TransactWriteItems", || {
            if let Some(taken) = self.taken(claim) {
                return Ok(Claimed::Lost(taken));
            }
            self.held.lock().expect("never poisoned").insert((claim.report, claim.request_id.clone()), None);
            Ok(Claimed::Won)
        });
        Box::pin(async { result })
    }

    fn settle<'a>(&'a self, claim: &'a Claim, outcome: &'a Outcome) -> BoxFuture<'a, Result<(), CallError>> {
        let result = self.faults.call("TransactWriteItems", || {
            let mut held = self.held.lock().expect("never poisoned");
            let key = (claim.report, claim.request_id.clone());
            match outcome {
                Outcome::Refused => held.remove(&key),
                _ => held.insert(key, Some(outcome.clone())),
            };
            Ok(())
        });
        Box::pin(async { result })
    }

    fn note<'a>(&'a self, notice: &'a Notice) -> BoxFuture<'a, Result<bool, CallError>> {
        let held = self.held.lock().expect("never poisoned");
        let known = held.keys().any(|(report, id)| (*report, id) == (notice.report.as_str(), &notice.request_id));
        if known {
            self.noted.lock().expect("never poisoned").insert(notice.id.clone());
        }
        Box::pin(async move { Ok(known) })
    }
}

struct World {
    faults: Arc<Faults>,
    outbox: Arc<Outbox>,
    objects: Arc<MemoryObjects>,
    clock: Arc<FixedClock>,
    delivery: Delivery,
}

impl World {
    async fn deliver(&self, id: &str) -> Delivered {
        self.delivery.deliver(&run(id), &reports()[0]).await
    }
}

fn run(id: &str) -> Run {
    Run { id: id.to_owned(), made: "2026-11-21T16:00:00Z".parse().expect("a moment"), pace: Pace::of(Some(50.0)) }
}

fn world(faults: Faults) -> World {
    let address = |text: &str| text.parse::<Address>().expect("an address");
    let faults = Arc::new(faults);
    let outbox = Arc::new(Outbox::new(faults.clone()));
    let sent = MemorySentReports { faults: faults.clone(), ..MemorySentReports::default() };
    let objects = Arc::new(MemoryObjects::default());
    let clock = Arc::new(FixedClock::at("2026-11-21T16:00:00Z"));
    let delivery = Delivery {
        sent: Arc::new(sent),
        mailer: outbox.clone(),
        clock: clock.clone(),
        from: address("admin@example.com"),
        to: Readers { everybody: vec![address("ceo@example.com")], own: BTreeMap::new() },
        bcc: vec![address("audit@example.com")],
        reply_to: Some(address("office@example.com")),
        crew_site: Some("https://crew.example.com".parse().expect("an address")),
        archive: Some(Archive::new(objects.clone())),
    };
    World { faults, outbox, objects, clock, delivery }
}

#[tokio::test]
async fn a_report_is_sent_with_a_hidden_copy_in_the_envelope_only() {
    let world = world(Faults::default());
    let delivered = world.deliver("request-1").await;
    assert_eq!(
        serde_json::to_value(&delivered).expect("JSON"),
        serde_json::json!({
            "report": "ceo", "status": "sent", "message_id": "ses-1",
            "page": "https://crew.example.com/reports/ceo/2026-11-21/request-1",
        })
    );
    let message = &world.outbox.sent()[0];
    assert_eq!(message.bcc[0].as_str(), "audit@example.com");
    let bytes = compose(message).expect("bytes");
    assert!(!String::from_utf8_lossy(&bytes).contains("audit@"));
    let parsed = MessageParser::new().parse(&bytes).expect("a message");
    assert_eq!(parsed.subject(), Some("CEO report, Sat 21 Nov 2026, 08:00 PST"));
    assert_eq!(parsed.header_raw("List-Id").map(str::trim), Some("\"CEO report\" <ceo.reports.example.com>"));
    assert_eq!(parsed.header_raw("X-Message-Key").map(str::trim), Some("report-ceo__request-1"));
    let reply_to = parsed.reply_to().and_then(|to| to.first()).and_then(|to| to.address());
    assert_eq!(reply_to, Some("office@example.com"));
}

#[test]
fn dates_of_sending_sort_as_text() {
    let world = world(Faults::default());
    let dated = |at: &str| {
        let mut claim = world.delivery.claim(ReportId::Ceo, "request-1").expect("a claim");
        claim.at = at.parse().expect("a moment");
        claim.date_sent()
    };
    let dates = ["2026-11-21T16:00:00Z", "2026-11-21T16:00:00.05Z", "2026-11-21T16:00:00.5Z"];
    let dates = dates.map(dated);
    assert!(dates.is_sorted(), "{dates:?}");
    assert_eq!(dates[0], "2026-11-21T16:00:00.000Z");
}

#[tokio::test]
async fn a_repeated_invocation_sends_nothing_and_says_the_same() {
    let world = world(Faults::default());
    let first = world.deliver("request-1").await;
    let second = world.deliver("request-1").await;
    assert_eq!((first.status, &first.message_id), (second.status, &second.message_id));
    assert!(first.anew && !second.anew);
    assert_eq!(world.outbox.sent().len(), 1);
    world.deliver("request-2").await;
    assert_eq!(world.outbox.sent().len(), 2);
}

/// Every call is struck in every way; then the same invocation is repeated twice.
#[tokio::test]
async fn no_fault_at_any_call_brings_a_second_mail() {
    let undisturbed = world(Faults::default());
    undisturbed.deliver("request-1").await;
    assert_eq!(undisturbed.faults.calls(), 4, "look, claim, mail, settle");
    for strike in Strike::ALL {
        for call in 1..=4 {
            let world = world(Faults::strike(call, strike));
            world.deliver("request-1").await;
            world.faults.restart();
            world.deliver("request-1").await;
            let last = world.deliver("request-1").await;
            let mails = world.outbox.sent().len();
            assert!(mails <= 1, "{strike:?} at call {call}: {mails} mails");
            let expected = match mails {
                0 => last.status == Status::Unknown,
                _ => matches!(last.status, Status::Sent | Status::Unknown),
            };
            assert!(expected, "{strike:?} at call {call}: {last:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_mail_fails_and_goes_out_when_the_invocation_is_repeated() {
    let world = world(Faults::strike(3, Strike::Refused));
    let first = world.deliver("request-1").await;
    assert_eq!(first.status, Status::Failed);
    let second = world.deliver("request-1").await;
    assert_eq!(second.status, Status::Sent);
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_told_as_unknown() {
    let world = world(Faults::strike(3, Strike::AnswerLost));
    for _ in 0..2 {
        let delivered = world.deliver("request-1").await;
        assert_eq!(delivered.status, Status::Unknown);
        assert!(delivered.error.is_some());
    }
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn an_invocation_id_that_is_no_header_sends_nothing() {
    let world = world(Faults::default());
    let delivered = world.deliver("a\r\nBcc: x@y.org").await;
    assert_eq!(delivered.status, Status::Failed);
    assert!(world.outbox.sent().is_empty());
}

#[tokio::test]
async fn a_report_is_archived_before_it_is_sent_and_the_mail_leads_there() {
    let world = world(Faults::default());
    let page = world.deliver("request-1").await.page.expect("a page");
    assert_eq!(world.objects.keys(), ["reports/ceo.2026-11-21.request-1.html", "reports/report-1.css"]);
    assert!(world.outbox.sent()[0].text.contains(&page));
}

#[tokio::test]
async fn a_report_that_cannot_be_archived_is_sent_without_a_way_there() {
    let world = world(Faults::default());
    world.objects.set_down(true);
    let delivered = world.deliver("request-1").await;
    assert_eq!((delivered.status, delivered.page), (Status::Sent, None));
    assert!(delivered.archive_error.is_some_and(|error| error.starts_with("PutObject: ")));
    assert!(!world.outbox.sent()[0].text.contains("/reports/ceo"));
}

#[tokio::test]
async fn a_bounce_is_noted_once_at_the_mail_that_it_is_of() {
    let world = world(Faults::default());
    let delivered = world.deliver("request-1").await;
    let key = world.outbox.sent()[0].key.clone();
    let (report, request_id) = of_message_key(key.as_str()).expect("a report's key");
    assert_eq!((report, request_id), (delivered.report, "request-1"));
    let notice = Notice {
        id: "f-1".to_owned(),
        report: report.to_owned(),
        request_id: request_id.to_owned(),
        said: Said::Bounced,
    };
    let stranger = Notice { request_id: "request-2".to_owned(), ..notice.clone() };
    let all = [Some(notice.clone()), Some(notice), Some(stranger), None];
    let noted = crate::feedback::note(&*world.delivery.sent, &all).await.expect("noted");
    assert_eq!((noted.noted, noted.ignored), (2, 2));
}

#[tokio::test]
async fn a_report_with_readers_of_its_own_goes_to_them_alone() {
    let mut world = world(Faults::default());
    let accountant: Address = "accountant@example.com".parse().expect("an address");
    world.delivery.to.own.insert(ReportId::Accounting, vec![accountant]);
    for report in reports() {
        world.delivery.deliver(&run("request-1"), &report).await;
    }
    let of = |address: &str| -> Vec<String> {
        let sent = world.outbox.sent();
        let mails = sent.iter().filter(|mail| mail.to.iter().any(|to| to.as_str() == address));
        mails.map(|mail| mail.subject.clone()).collect()
    };
    let own = of("accountant@example.com");
    assert!(own.len() == 1 && own[0].starts_with("Accounting"), "{own:?}");
    assert_eq!(of("ceo@example.com").len(), reports().len() - 1);
    assert!(world.outbox.sent().iter().all(|mail| mail.bcc.len() == 1));
}

#[tokio::test]
async fn one_report_that_fails_stops_no_other() {
    // The calls of a report are look, claim, mail and settle: this is the mail of the second.
    let world = world(Faults::strike(7, Strike::Refused));
    let mut delivered = Vec::new();
    for report in reports() {
        delivered.push(world.delivery.deliver(&run("request-1"), &report).await);
    }
    let failed: Vec<&Delivered> = delivered.iter().filter(|each| each.status != Status::Sent).collect();
    assert_eq!((failed.len(), failed[0].report, failed[0].status), (1, delivered[1].report, Status::Failed));
    assert!(failed[0].error.as_ref().is_some_and(|error| error.starts_with("SendEmail: ")));
    assert_eq!(world.outbox.sent().len(), delivered.len() - 1);
}
