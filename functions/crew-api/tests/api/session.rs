//! Who is signed in, and until when.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use functions_shared::clock::Clock as _;
use functions_shared::parameters::Parameters as _;
use functions_shared::people::{Deed, Entry, People as _};
use functions_shared::person::{Grant, Membership, Person};
use functions_shared::testing::{Broken, ring_in};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use super::door::{RING, World, request};

const WHO: &str = "/api/auth/session";
const TOKEN_TTL: SignedDuration = SignedDuration::from_hours(12);

async fn change(world: &World, person: &Person, change: impl FnOnce(&mut Person)) {
    let mut changed = person.clone();
    changed.revision += 1;
    change(&mut changed);
    let grants = changed.grants.clone();
    let entry = Entry { at: Timestamp::UNIX_EPOCH, actor: None, deed: Deed::Changed, grants };
    world.people.change(&changed, &entry).await.expect("a table in memory");
}

#[tokio::test]
async fn a_session_tells_who_asks() {
    let world = World::new([]);
    let (person, token) = world.signed_in("Robin", &[Grant::Crew, Grant::Captain]).await;
    let expected = json!({
        "person_id": person.person_id.as_str(), "email": "robin@example.com", "name": "Robin",
        "grants": ["captain", "crew"], "expires_at": 1_795_248_000 + 12 * 3600,
    });
    let answer = world.get_as(&token, WHO).await;
    assert_eq!((answer.status, &answer.json), (StatusCode::OK, &expected));

    let cookie = |value: String| {
        let mut request = request(Method::GET, WHO, Body::empty());
        request.headers_mut().insert("cookie", value.parse().expect("a header"));
        request
    };
    let answer = world.send(cookie(format!("theme=dark; __Host-session={token}"))).await;
    assert_eq!((answer.status, &answer.json), (StatusCode::OK, &expected));
    for other in [format!("session={token}"), format!("__Host-session={token}; __Host-session={token}"), String::new()]
    {
        world.send(cookie(other)).await.is_problem(401);
    }
}

#[tokio::test]
async fn behind_a_cdn_that_signs_a_tool_has_a_header_of_its_own() {
    let world = World::new([]);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let mut signed = request(Method::GET, WHO, Body::empty());
    signed.headers_mut().insert("authorization", "AWS4-HMAC-SHA256 Credential=x".parse().expect("a header"));
    signed.headers_mut().insert("x-authorization", format!("Bearer {token}").parse().expect("a header"));
    assert_eq!(world.send(signed).await.status, StatusCode::OK);

    let mut both = request(Method::GET, WHO, Body::empty());
    for name in ["authorization", "x-authorization"] {
        both.headers_mut().insert(name, format!("Bearer {token}").parse().expect("a header"));
    }
    world.send(both).await.is_problem(401);
}

#[tokio::test]
async fn nobody_is_401_and_is_told_how_to_sign_in() {
    let answer = World::new([]).get(WHO).await;
    answer.is_problem(401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

#[tokio::test]
async fn a_revoked_persons_next_request_is_refused_and_a_lost_grant_is_gone() {
    let world = World::new([]);
    let (person, token) = world.signed_in("Robin", &[Grant::Admin]).await;
    change(&world, &person, |person| person.grants = [Grant::Crew].into()).await;
    assert_eq!(world.get_as(&token, WHO).await.json["grants"], json!(["crew"]));
    let person = world.people.by_id(&person.person_id).await.expect("a table").expect("a person");
    change(&world, &person, |person| person.membership = Membership::Revoked).await;
    world.get_as(&token, WHO).await.is_problem(401);
}

#[tokio::test]
async fn a_session_ends_alone_with_its_generation_and_with_its_time() {
    let world = World::new([]);
    let (person, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    let other = world.session_of(&person).await;
    let claims = world.sessions().open(&token).await.expect("a session");
    world.people.end(&claims.session(), claims.believed_until()).await.expect("a table in memory");
    world.get_as(&token, WHO).await.is_problem(401);
    assert_eq!(world.get_as(&other, WHO).await.status, StatusCode::OK);

    change(&world, &person, |person| person.generation += 1).await;
    world.get_as(&other, WHO).await.is_problem(401);

    let (_, late) = world.signed_in("Ana", &[Grant::Crew]).await;
    let believed_until = world.sessions().open(&late).await.expect("a session").believed_until();
    world.clock.advance(TOKEN_TTL + SignedDuration::from_secs(59));
    assert_eq!(world.get_as(&late, WHO).await.status, StatusCode::OK, "clocks may differ by a minute");
    assert!(world.clock.now() < believed_until, "an end is remembered as long as a token is believed");
    world.clock.advance(SignedDuration::from_secs(1));
    world.get_as(&late, WHO).await.is_problem(401);
    assert_eq!(world.clock.now(), believed_until);
}

#[tokio::test]
async fn what_cannot_be_checked_is_503_and_opens_nothing() {
    let world = World::new([]);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    world.people.break_so(Broken::Refuses);
    world.get_as(&token, WHO).await.is_problem(503);

    let world = World::new([]);
    let (_, token) = world.signed_in("Robin", &[Grant::Crew]).await;
    world.get("/healthz").await;
    world.parameters.remove(&format!("{RING}/ring"));
    world.get_as(&token, WHO).await.is_problem(503);
}

#[tokio::test]
async fn a_rotated_ring_signs_with_its_new_key_and_drops_the_old_one() {
    let world = World::new([]);
    let (person, old) = world.signed_in("Robin", &[Grant::Crew]).await;
    assert_eq!(world.get_as(&old, WHO).await.status, StatusCode::OK);
    ring_in(&world.parameters, RING, &["next", "test"]);
    world.clock.advance(SignedDuration::from_secs(30));
    let new = world.session_of(&person).await;
    for token in [&old, &new] {
        assert_eq!(world.get_as(token, WHO).await.status, StatusCode::OK);
    }
    ring_in(&world.parameters, RING, &["next"]);
    world.clock.advance(SignedDuration::from_secs(300));
    world.get_as(&old, WHO).await.is_problem(401);
    assert_eq!(world.get_as(&new, WHO).await.status, StatusCode::OK);
    assert!(world.parameters.read(&format!("{RING}/ring").parse().expect("a name")).await.is_ok());
}
