//! What SES says of a mail after it has taken it: bounces and complaints, by way of an SNS topic.
//!
//! A notice names people; nothing of that is kept or logged: the row of the mail gets the notice's id.

use functions_shared::call_error::CallError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::deliver::{SentReports, of_message_key};

/// One notice of one of our mails.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Notice {
    /// The notice's own id, the same when it comes twice.
    pub id: String,
    /// The report's name.
    pub report: String,
    /// The invocation that sent it.
    pub request_id: String,
    /// What was said.
    pub said: Said,
}

/// What a mail's receiver said of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Said {
    /// It cannot be delivered, or nobody tells whether it ever can.
    Bounced,
    /// It was not taken at the time: the mailbox was full, or somebody is away.
    PutOff,
    /// It is unwanted.
    Complained,
}

/// What became of an event with notices.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Noted {
    /// Notices that stand in the table now.
    pub noted: u32,
    /// Events of other kinds, and notices of mails that are none of ours.
    pub ignored: u32,
}

/// An event of SNS, as far as it matters here.
#[derive(Deserialize)]
struct Event {
    #[serde(rename = "Records")]
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    #[serde(rename = "Sns")]
    sns: Sns,
}

#[derive(Deserialize)]
struct Sns {
    #[serde(rename = "Message")]
    message: String,
}

/// What SES publishes. Source: "Contents of event data that Amazon SES publishes to Amazon SNS".
#[derive(Deserialize)]
struct Published {
    #[serde(rename = "eventType")]
    event_type: String,
    mail: Mail,
    bounce: Option<Feedback>,
    complaint: Option<Feedback>,
}

#[derive(Deserialize)]
struct Mail {
    #[serde(default)]
    tags: std::collections::BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Feedback {
    #[serde(rename = "feedbackId")]
    feedback_id: String,
    /// Of a bounce alone: `Permanent`, `Transient` or `Undetermined`.
    #[serde(rename = "bounceType")]
    bounce_type: Option<String>,
}

/// The notices of an event, `None` for each that is of another kind; `None`: it is no event of SNS.
pub fn notices(event: &Value) -> Option<Vec<Option<Notice>>> {
    let event = Event::deserialize(event).ok()?;
    Some(event.records.iter().map(|record| notice(&record.sns.message)).collect())
}

fn notice(message: &str) -> Option<Notice> {
    /// The tag that `functions_shared` gives to every mail.
    const KEY_TAG: &str = "message-key";
    const PASSING: &str = "Transient";
    let published: Published = serde_json::from_str(message).ok()?;
    let (said, feedback) = match published.event_type.as_str() {
        "Bounce" => {
            let bounce = published.bounce?;
            let said = if bounce.bounce_type.as_deref() == Some(PASSING) { Said::PutOff } else { Said::Bounced };
            (said, bounce)
        }
        "Complaint" => (Said::Complained, published.complaint?),
        _ => return None,
    };
    let (report, request_id) = of_message_key(published.mail.tags.get(KEY_TAG)?.first()?)?;
    Some(Notice { id: feedback.feedback_id, report: report.to_owned(), request_id: request_id.to_owned(), said })
}

/// Writes notices down. The first that cannot be written fails the event: SNS sends it again.
pub async fn note(sent: &dyn SentReports, notices: &[Option<Notice>]) -> Result<Noted, CallError> {
    let mut told = Noted::default();
    for notice in notices {
        let known = match notice {
            Some(notice) => sent.note(notice).await?,
            None => false,
        };
        match (known, notice) {
            (true, Some(Notice { report, said, .. })) => {
                tracing::warn!(report, ?said, "a receiver answered to a report");
                told.noted += 1;
            }
            _ => told.ignored += 1,
        }
    }
    Ok(told)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(message: &Value) -> Value {
        json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "MessageId": "1", "Message": message.to_string() } }] })
    }

    fn bounce(key: &str) -> Value {
        json!({
            "eventType": "Bounce",
            "mail": { "messageId": "ses-1", "destination": ["jane@example.com"], "tags": { "message-key": [key] } },
            "bounce": { "bounceType": "Permanent", "feedbackId": "f-1", "bouncedRecipients": [{ "emailAddress": "jane@example.com" }] },
        })
    }

    #[test]
    fn a_bounce_of_a_report_is_known_by_its_key() {
        let found = notices(&event(&bounce("report-yacht-delivery__request-1"))).expect("an event of SNS");
        let expected = Notice {
            id: "f-1".to_owned(),
            report: "yacht-delivery".to_owned(),
            request_id: "request-1".to_owned(),
            said: Said::Bounced,
        };
        assert_eq!(found, [Some(expected)]);
    }

    #[test]
    fn a_mailbox_that_is_full_is_no_address_that_is_wrong() {
        for (kind, said) in [("Permanent", Said::Bounced), ("Undetermined", Said::Bounced), ("Transient", Said::PutOff)]
        {
            let mut message = bounce("report-ceo__r");
            message["bounce"]["bounceType"] = json!(kind);
            let found = notices(&event(&message)).expect("an event of SNS");
            assert_eq!(found[0].as_ref().map(|notice| notice.said), Some(said), "{kind}");
        }
    }

    #[test]
    fn a_complaint_is_told_from_a_bounce() {
        let message = json!({ "eventType": "Complaint", "mail": { "tags": { "message-key": ["report-ceo__r"] } }, "complaint": { "feedbackId": "f-2" } });
        let found = notices(&event(&message)).expect("an event of SNS");
        assert_eq!(found[0].as_ref().map(|notice| notice.said), Some(Said::Complained));
    }

    #[test]
    fn what_is_no_notice_of_a_report_is_ignored() {
        let delivery = json!({ "eventType": "Delivery", "mail": { "tags": {} } });
        for message in [delivery, bounce("nudge-1"), json!("no event"), json!({ "eventType": "Bounce" })] {
            assert_eq!(notices(&event(&message)), Some(vec![None]), "{message}");
        }
        for other in [json!({}), json!({ "source": "aws.events" }), json!(null), json!({ "Records": [{ "s3": {} }] })] {
            assert_eq!(notices(&other), None, "{other}");
        }
    }
}
