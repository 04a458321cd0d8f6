//! Signing in and people on tables of a local AWS, by many at once: what memory keeps apart by a lock, conditions
//! must keep apart there.

mod world;

use aws_sdk_dynamodb::types::AttributeValue;
use axum::http::StatusCode;
use crew_api::challenges::{
    Challenge, ChallengeId, Challenges as _, Digest, Digests, MailOutcome, Owed, Purpose, Taking,
};
use crew_api::limits::{Budget, Limits as _, Verdict};
use deployer_testbed::{Fault, Rule};
use functions_shared::clock::Clock as _;
use functions_shared::people::{Deed, People as _, SessionKey, Written};
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::testing::person;
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use world::{World, entry};

#[tokio::test]
async fn of_fifty_wrong_codes_at_once_five_are_evaluated_and_of_fifty_redemptions_one_signs_in() {
    let world = World::start().await;
    world.invited("Robin").await;
    let (challenge, token, code) = world.asked("robin@example.com").await;
    assert_eq!(world.behind.outbox.sent().len(), 1, "one mail, however often the event arrives");
    let wrong = if code.starts_with('0') { "1111-1111" } else { "0000-0000" };
    let body = json!({ "code": wrong, "challenge": challenge });
    let answers = join_all((0..50).map(|_| world.post("/api/auth/codes/redemption", &body))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::BAD_REQUEST));
    let key = [("short_code", format!("challenge#{challenge}")), ("created_at", "challenge".to_owned())];
    let key = key.map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    let item = world.client.get_item().table_name("links").set_key(Some(key.into())).send().await.expect("a table");
    let item = item.item.expect("a challenge");
    assert_eq!(item["tries"], AttributeValue::N("5".to_owned()));
    let kept = format!("{item:?}");
    assert!(!kept.contains(&code.replace('-', "")) && !kept.contains(&token), "code and token are kept nowhere");
    let right = world.post("/api/auth/codes/redemption", &json!({ "code": code, "challenge": challenge })).await;
    assert_eq!(right.status, StatusCode::BAD_REQUEST, "the code is dead");

    world.clock.advance(SignedDuration::from_secs(600));
    let body = json!({ "token": token });
    let answers = join_all((0..50).map(|_| world.post("/api/auth/links/redemption", &body))).await;
    let sessions = answers.iter().filter(|answer| answer.cookies().contains_key("__Host-session"));
    assert_eq!(sessions.count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::OK).count(), 1);
}

#[tokio::test]
async fn what_is_too_old_is_refused_though_it_is_still_in_the_table_and_a_right_code_signs_in() {
    let world = World::start().await;
    world.invited("Robin").await;
    let (challenge, token, code) = world.asked("robin@example.com").await;
    world.clock.advance(SignedDuration::from_hours(24));
    for (path, body) in [
        ("/api/auth/links/redemption", json!({ "token": token })),
        ("/api/auth/codes/redemption", json!({ "code": code, "challenge": challenge })),
    ] {
        world.post(path, &body).await.is_problem(400);
    }
    let (challenge, _, code) = world.asked("robin@example.com").await;
    let answer = world.post("/api/auth/codes/redemption", &json!({ "code": code, "challenge": challenge })).await;
    assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.json);
    let robin = json!({ "email": "robin@example.com" });
    let asks = join_all((0..20).map(|_| world.post("/api/auth/links", &robin))).await;
    let accepted = asks.iter().filter(|answer| answer.status == StatusCode::ACCEPTED).count();
    assert!((1..=2).contains(&accepted), "{accepted} of 20 at once, after one within ten minutes");
    assert!(asks.iter().all(|answer| [202, 429].contains(&answer.status.as_u16())));
}

#[tokio::test]
async fn people_are_kept_whole_by_many_at_once() {
    let world = World::start().await;
    let same: Vec<Person> = (0..12).map(|_| person("Robin", &[Grant::Crew])).collect();
    let added = join_all(same.iter().map(async |person| world.people.add(person, &entry(Deed::Invited)).await)).await;
    assert_eq!(added.iter().filter(|added| **added == Ok(Written::Done)).count(), 1, "{added:?}");
    assert!(added.iter().all(Result::is_ok), "{added:?}");
    let robin = world.people.by_email(&"ROBIN@example.com".parse().expect("an address")).await.expect("a table");
    let robin = robin.expect("a person");

    let changed = Person { revision: 2, membership: Membership::Revoked, ..robin.clone() };
    let revoked = entry(Deed::Revoked);
    let changes = join_all((0..12).map(|_| world.people.change(&changed, &revoked))).await;
    assert_eq!(changes.iter().filter(|done| **done == Ok(Written::Done)).count(), 1, "{changes:?}");
    let deeds: Vec<Deed> =
        world.people.entries(&robin.person_id).await.expect("a table").iter().map(|e| e.deed).collect();
    assert_eq!(deeds.len(), 2, "as many lines as changes: {deeds:?}");

    let session = SessionKey { person_id: robin.person_id.clone(), session_id: "5".repeat(32) };
    assert_eq!(world.people.of_session(&session).await, Ok(Some(changed)));
    world.people.end(&session, Timestamp::UNIX_EPOCH).await.expect("a table");
    assert_eq!(world.people.of_session(&session).await, Ok(None));

    for name in ["Zoe", "Bo", "Al"] {
        world.invited(name).await;
    }
    let first = world.people.page(None, 3).await.expect("a table");
    let rest = world.people.page(first.people.last(), 3).await.expect("a table");
    let names: Vec<&str> = first.people.iter().chain(&rest.people).map(|person| person.name.as_str()).collect();
    assert_eq!((names, first.more, rest.more), (vec!["Al", "Bo", "Robin", "Zoe"], true, false));
}

#[tokio::test]
async fn a_budget_is_spent_once_by_many_at_once() {
    let world = World::start().await;
    let budget = Budget { class: "test", most: 10, window_seconds: 600 };
    let now = "2026-11-21T08:00:00Z".parse().expect("a moment");
    let verdicts = join_all((0..40).map(|_| world.limits.count(&budget, "somebody", now))).await;
    assert_eq!(verdicts.iter().filter(|verdict| **verdict == Ok(Verdict::Within)).count(), 10);
    assert!(verdicts.contains(&Ok(Verdict::Over { retry_after_seconds: 600 })), "{verdicts:?}");
    assert_eq!(world.limits.count(&budget, "another", now).await, Ok(Verdict::Within));
}

/// The SDK asks again after a lost answer: what it did the first time is no reason to refuse it.
#[tokio::test]
async fn a_lost_answer_neither_doubles_a_mail_nor_costs_one_nor_burns_a_link() {
    let world = World::start().await;
    world.invited("Robin").await;
    world.wire.script(Rule::once("dynamodb:UpdateItem", Fault::CutAfter).about("links"));
    let (_, token, _) = world.asked("robin@example.com").await;
    assert_eq!((world.behind.outbox.sent().len(), world.wire.spoilt()), (1, 1));
    world.wire.script(Rule::once("dynamodb:UpdateItem", Fault::CutAfter).about("links"));
    let body = json!({ "token": token });
    let answer = world.post("/api/auth/links/redemption", &body).await;
    assert_eq!((answer.status, world.wire.spoilt()), (StatusCode::OK, 2), "{:?}", answer.json);
    world.post("/api/auth/links/redemption", &body).await.is_problem(400);
}

/// A conflict says nothing about who was first: nobody is told of an address that is nobody's.
#[tokio::test]
async fn whoever_meets_another_transaction_is_not_taken_for_a_loser() {
    let world = World::start().await;
    world.wire.script(Rule::once("dynamodb:TransactWriteItems", Fault::TransactionConflict).times(3));
    let robin = person("Robin", &[Grant::Crew]);
    assert_eq!(world.people.add(&robin, &entry(Deed::Invited)).await, Ok(Written::Done));
    assert_eq!(world.wire.spoilt(), 3);
    let changed = Person { revision: 2, ..robin };
    world.wire.script(Rule::once("dynamodb:TransactWriteItems", Fault::TransactionConflict).times(2));
    assert_eq!(world.people.change(&changed, &entry(Deed::Changed)).await, Ok(Written::Done));
    assert_eq!(world.people.change(&changed, &entry(Deed::Changed)).await, Ok(Written::Conflict));
}

#[tokio::test]
async fn mails_that_perhaps_never_came_are_found_by_their_index_the_oldest_first() {
    let world = World::start().await;
    let (robin, opened_at) = (person("Robin", &[Grant::Crew]), world.clock.now());
    let outcomes =
        [None, Some(MailOutcome::Unknown), Some(MailOutcome::Refused), Some(MailOutcome::Sent)].into_iter().enumerate();
    for (at, outcome) in outcomes {
        let id = ChallengeId::new().expect("random bytes");
        let challenge = Challenge { email: robin.email.clone(), purpose: Purpose::Invitation, opened_at };
        world.challenges.open(&id, &challenge, None).await.expect("a table");
        let taking = Taking {
            digests: Digests { token: Digest::of_table(id.as_str()), code: None },
            person_id: robin.person_id.clone(),
            key: format!("key-{at}").parse().expect("a key"),
            now: opened_at + SignedDuration::from_secs(i64::try_from(at).expect("small")),
        };
        assert_eq!(world.challenges.take(&id, &taking).await, Ok(true));
        let another = Taking { digests: Digests { token: Digest::of_table("another"), code: None }, ..taking };
        assert_eq!(world.challenges.take(&id, &another).await, Ok(false));
        if let Some(outcome) = outcome {
            world.challenges.settle(&id, &outcome).await.expect("a table");
        }
    }
    // Nobody waits for an invitation: it is told although nobody has begun with it, but for one to nobody.
    for outcome in [None, Some(MailOutcome::Nobody)] {
        let id = ChallengeId::new().expect("random bytes");
        let challenge = Challenge { email: robin.email.clone(), purpose: Purpose::Invitation, opened_at };
        let owed = Owed { person_id: robin.person_id.clone(), key: "owed".parse().expect("a key") };
        let opened_at = opened_at + SignedDuration::from_secs(30);
        world.challenges.open(&id, &Challenge { opened_at, ..challenge }, Some(&owed)).await.expect("a table");
        if let Some(outcome) = outcome {
            world.challenges.settle(&id, &outcome).await.expect("a table");
        }
    }
    assert_eq!(world.challenges.lost(opened_at).await, Ok(Vec::new()), "they are on their way");
    let found = world.challenges.lost(opened_at + SignedDuration::from_mins(16)).await.expect("a table");
    let told: Vec<_> = found.iter().map(|lost| (lost.key.as_str(), lost.refused)).collect();
    assert_eq!(told, [("key-0", false), ("key-1", false), ("key-2", true), ("owed", false)]);
    assert!(found.iter().all(|lost| lost.person_id == robin.person_id && lost.purpose == Purpose::Invitation));
}
