//! Writes five sails of the next evenings, for trying things out on a local AWS.
//!
//! Needs `EVENTS_TABLE`, `ROLES_TABLE` and the usual AWS variables (`AWS_ENDPOINT_URL`,
//! `AWS_REGION`, keys). What is there already is left as it is, so a second run on the same day
//! changes nothing.

use std::collections::HashMap;

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem};
use functions_shared::aws::Aws;
use functions_shared::config::{Reader, TableName};
use functions_shared::sail::{Role, Sail, SailState, WaiverToken};
use functions_shared::{sun, zone};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

type Error = Box<dyn std::error::Error + Send + Sync>;
type Item = HashMap<String, AttributeValue>;

/// Boarding to sunset, so that guests see it from the water.
const BEFORE_SUNSET: SignedDuration = SignedDuration::from_mins(75);
/// How long a sail takes.
const SAIL: SignedDuration = SignedDuration::from_mins(120);
/// Departures are on the quarter of an hour.
const QUARTER_SECONDS: i64 = 15 * 60;

/// What makes one evening differ from the next.
struct Evening {
    days_ahead: i64,
    name: &'static str,
    title: &'static str,
    state: SailState,
    guest_limit: u32,
    deckhands: u32,
    captain: Option<&'static str>,
}

/// Tomorrow's sail, which is always within 48 hours, has no captain yet.
const EVENINGS: [Evening; 5] = [
    Evening {
        days_ahead: 1,
        name: "sunset-cruise",
        title: "Sunset cruise",
        state: SailState::Confirmed,
        guest_limit: 24,
        deckhands: 2,
        captain: None,
    },
    Evening {
        days_ahead: 2,
        name: "bay-charter",
        title: "Harbour charter",
        state: SailState::Confirmed,
        guest_limit: 18,
        deckhands: 2,
        captain: Some("captain.one@example.com"),
    },
    Evening {
        days_ahead: 3,
        name: "anniversary",
        title: "Anniversary sail",
        state: SailState::Created,
        guest_limit: 12,
        deckhands: 1,
        captain: Some("captain.two@example.com"),
    },
    Evening {
        days_ahead: 4,
        name: "open-sail",
        title: "Open evening sail",
        state: SailState::Created,
        guest_limit: 30,
        deckhands: 3,
        captain: None,
    },
    Evening {
        days_ahead: 5,
        name: "company",
        title: "Company evening",
        state: SailState::Confirmed,
        guest_limit: 28,
        deckhands: 3,
        captain: Some("captain.one@example.com"),
    },
];

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let mut read = Reader::process();
    let events = read.required::<TableName>("EVENTS_TABLE");
    let roles = read.required::<TableName>("ROLES_TABLE");
    let (events, roles) = read.finish(|| Some((events?, roles?)))?;
    let aws = Aws::new();
    let now = Timestamp::now();
    let mut seeded = 0;
    for evening in &EVENINGS {
        let sail = plan(evening, zone::date_of(now))?;
        let mut writes = vec![put(&events, event(&sail)?, "event_id")?];
        if let Some(email) = evening.captain {
            writes.push(put(&roles, captain(&sail, email, now), "event_id")?);
        }
        seeded += usize::from(write(&aws, writes).await?);
    }
    println!("{}", words(seeded, EVENINGS.len() - seeded));
    Ok(())
}

fn words(seeded: usize, there: usize) -> String {
    let sails = |count| match count {
        1 => "1 sail is".to_owned(),
        _ => format!("{count} sails are"),
    };
    match (seeded, there) {
        (_, 0) => format!("seeded {seeded} sails"),
        (0, _) => format!("{} there already", sails(there)),
        _ => format!("seeded {seeded}; {} there already", sails(there)),
    }
}

/// The sail of an evening; the same one for each run on the same day.
fn plan(evening: &Evening, today: Date) -> Result<Sail, Error> {
    let date = today.checked_add(evening.days_ahead.days())?;
    let times = sun::times(date).ok_or("no sunset is known for this year")?;
    let departs = (times.sunset - BEFORE_SUNSET).as_second();
    let departs_at = Timestamp::from_second(departs - departs.rem_euclid(QUARTER_SECONDS))?;
    Ok(Sail {
        event_id: format!("seed-{date}-{}", evening.name).parse()?,
        title: evening.title.to_owned(),
        vessel: "Jada".to_owned(),
        departs_at,
        returns_at: departs_at + SAIL,
        guest_limit: evening.guest_limit,
        state: evening.state,
        slots: [(Role::Captain, 1), (Role::FirstOfficer, 1), (Role::Deckhand, evening.deckhands), (Role::Steward, 1)]
            .into(),
        revision: 1,
        waiver_token: Some(WaiverToken::random()?),
    })
}

fn event(sail: &Sail) -> Result<Item, Error> {
    Ok(serde_dynamo::to_item(functions_shared::sails::event(sail)?)?)
}

fn captain(sail: &Sail, email: &str, now: Timestamp) -> Item {
    let text = |value: &str| AttributeValue::S(value.to_owned());
    HashMap::from([
        ("event_id".to_owned(), text(sail.event_id.as_str())),
        ("slot".to_owned(), text("captain#1")),
        ("email".to_owned(), text(email)),
        ("claimed_at".to_owned(), AttributeValue::N(now.as_second().to_string())),
    ])
}

fn put(table: &TableName, item: Item, key: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder()
        .table_name(table.as_str())
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#key)")
        .expression_attribute_names("#key", key)
        .build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// Writes a sail and its claim together; false where the sail is there already.
async fn write(aws: &Aws, writes: Vec<TransactWriteItem>) -> Result<bool, Error> {
    let client = aws.dynamodb().await;
    let answer = client.transact_write_items().set_transact_items(Some(writes)).send().await;
    match answer {
        Ok(_) => Ok(true),
        Err(SdkError::ServiceError(error)) if is_there(error.err()) => Ok(false),
        Err(error) => Err(aws_sdk_dynamodb::error::DisplayErrorContext(error).to_string().into()),
    }
}

fn is_there(error: &aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError) -> bool {
    use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError::TransactionCanceledException;
    let TransactionCanceledException(cancelled) = error else {
        return false;
    };
    let mut codes = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code());
    codes.any(|code| code == "ConditionalCheckFailed")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_has_five_sails_before_sunset_and_the_same_ones_each_time() {
        let today = date(2026, 11, 21);
        let plans = || EVENINGS.iter().map(|evening| plan(evening, today).expect("a sail"));
        assert!(plans().eq(plans()));
        for (evening, sail) in EVENINGS.iter().zip(plans()) {
            let day = today.checked_add(evening.days_ahead.days()).expect("a day");
            let sunset = sun::times(day).expect("a year with times").sunset;
            assert_eq!(zone::date_of(sail.departs_at), day);
            assert!(sail.departs_at < sunset && sunset < sail.returns_at);
        }
    }

    #[test]
    fn at_any_hour_one_sail_of_the_next_48_hours_has_no_captain() {
        for hour in 0..24 {
            let now = date(2026, 11, 21).at(hour, 0, 0, 0).to_zoned(zone::SAN_DIEGO);
            let now = now.expect("a moment").timestamp();
            let open = EVENINGS.iter().filter(|evening| evening.captain.is_none());
            let sails = open.map(|evening| plan(evening, zone::date_of(now)).expect("a sail"));
            let soon = sails.filter(|sail| {
                let ahead = sail.departs_at.duration_since(now);
                ahead.is_positive() && ahead < SignedDuration::from_hours(48)
            });
            assert_eq!(soon.count(), 1, "at {hour}:00");
        }
    }

    #[test]
    fn it_says_what_it_did() {
        assert_eq!(words(5, 0), "seeded 5 sails");
        assert_eq!(words(0, 5), "5 sails are there already");
        assert_eq!(words(1, 4), "seeded 1; 4 sails are there already");
        assert_eq!(words(4, 1), "seeded 4; 1 sail is there already");
    }
}
