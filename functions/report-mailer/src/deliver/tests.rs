use std::collections::HashMap;
use std::sync::Mutex;

use functions_shared::mail::compose;
use functions_shared::testing::{Faults, FixedClock, Outbox, Strike};
use mail_parser::MessageParser;

use super::*;

/// The table of reports in memory, with the same conditions.
#[derive(Default)]
struct MemorySentReports {
    faults: Arc<Faults>,
    held: Mutex<HashMap<(&'static str, String), Option<Outcome>>>,
}

impl SentReports for MemorySentReports {
    fn claim<'a>(&'a self, claim: &'a Claim) -> BoxFuture<'a, Result<Claimed, CallError>> {
        let result = self.faults.call("TransactWriteItems", || {
            let mut held = self.held.lock().expect("never poisoned");
            let key = (claim.report, claim.request_id.clone());
            Ok(match held.get(&key) {
                Some(Some(Outcome::Sent(receipt))) => Claimed::Sent(receipt.clone()),
                Some(_) => Claimed::Unknown,
                None => {
                    held.insert(key, None);
                    Claimed::Won
                }
            })
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
}

struct World {
    faults: Arc<Faults>,
    outbox: Arc<Outbox>,
    delivery: Delivery,
}

fn world(faults: Faults) -> World {
    let address = |text: &str| text.parse::<Address>().expect("an address");
    let faults = Arc::new(faults);
    let outbox = Arc::new(Outbox::new(faults.clone()));
    let sent = MemorySentReports { faults: faults.clone(), held: Mutex::default() };
    let delivery = Delivery {
        sent: Arc::new(sent),
        mailer: outbox.clone(),
        clock: Arc::new(FixedClock::at("2026-11-21T16:00:00Z")),
        from: address("admin@example.com"),
        to: vec![address("ceo@example.com")],
        bcc: vec![address("audit@example.com")],
        reply_to: Some(address("office@example.com")),
        crew_site: None,
    };
    World { faults, outbox, delivery }
}

fn rendered() -> Rendered {
    Rendered {
        name: "ceo",
        subject: "CEO report, Sat 21 Nov 2026, 08:00 PST".to_owned(),
        html: "<p>Burn</p>".to_owned(),
        text: "Burn".to_owned(),
    }
}

#[tokio::test]
async fn a_report_is_sent_with_a_hidden_copy_in_the_envelope_only() {
    let world = world(Faults::default());
    let delivered = world.delivery.deliver(&rendered(), "request-1").await;
    assert_eq!(
        serde_json::to_value(&delivered).expect("JSON"),
        serde_json::json!({ "report": "ceo", "status": "sent", "message_id": "ses-1" })
    );
    let message = &world.outbox.sent()[0];
    assert_eq!(message.bcc[0].as_str(), "audit@example.com");
    let bytes = compose(message).expect("bytes");
    assert!(!String::from_utf8_lossy(&bytes).contains("audit@"));
    let parsed = MessageParser::new().parse(&bytes).expect("a message");
    assert_eq!(parsed.subject(), Some("CEO report, Sat 21 Nov 2026, 08:00 PST"));
    assert_eq!(parsed.header_raw("X-Message-Key").map(str::trim), Some("report-ceo-request-1"));
    let reply_to = parsed.reply_to().and_then(|to| to.first()).and_then(|to| to.address());
    assert_eq!(reply_to, Some("office@example.com"));
}

#[test]
fn dates_of_sending_sort_as_text() {
    let world = world(Faults::default());
    let dated = |at: &str| {
        let mut claim = world.delivery.claim(&rendered(), "request-1").expect("a claim");
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
    let first = world.delivery.deliver(&rendered(), "request-1").await;
    let second = world.delivery.deliver(&rendered(), "request-1").await;
    assert_eq!(first, second);
    assert_eq!(world.outbox.sent().len(), 1);
    world.delivery.deliver(&rendered(), "request-2").await;
    assert_eq!(world.outbox.sent().len(), 2);
}

/// Every call is struck in every way; then the same invocation is repeated twice.
#[tokio::test]
async fn no_fault_at_any_call_brings_a_second_mail() {
    let undisturbed = world(Faults::default());
    undisturbed.delivery.deliver(&rendered(), "request-1").await;
    assert_eq!(undisturbed.faults.calls(), 3, "claim, mail, settle");
    for strike in Strike::ALL {
        for call in 1..=3 {
            let world = world(Faults::strike(call, strike));
            world.delivery.deliver(&rendered(), "request-1").await;
            world.faults.restart();
            world.delivery.deliver(&rendered(), "request-1").await;
            let last = world.delivery.deliver(&rendered(), "request-1").await;
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
    let world = world(Faults::strike(2, Strike::Refused));
    let first = world.delivery.deliver(&rendered(), "request-1").await;
    assert_eq!(first.status, Status::Failed);
    let second = world.delivery.deliver(&rendered(), "request-1").await;
    assert_eq!(second.status, Status::Sent);
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn a_lost_answer_is_told_as_unknown() {
    let world = world(Faults::strike(2, Strike::AnswerLost));
    for _ in 0..2 {
        let delivered = world.delivery.deliver(&rendered(), "request-1").await;
        assert_eq!(delivered.status, Status::Unknown);
        assert!(delivered.error.is_some());
    }
    assert_eq!(world.outbox.sent().len(), 1);
}

#[tokio::test]
async fn an_invocation_id_that_is_no_header_sends_nothing() {
    let world = world(Faults::default());
    let delivered = world.delivery.deliver(&rendered(), "a\r\nBcc: x@y.org").await;
    assert_eq!(delivered.status, Status::Failed);
    assert!(world.outbox.sent().is_empty());
}
