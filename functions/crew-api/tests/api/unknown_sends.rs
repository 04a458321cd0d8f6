//! Mails of which nobody knows.

use crew_api::challenges::{Challenges as _, Digest, Digests, MailOutcome, Taking};
use crew_api::errand::{Errand, run};
use functions_shared::clock::Clock as _;
use functions_shared::person::Grant;
use jiff::SignedDuration;
use serde_json::json;

use super::door::World;

/// R31: a mail is taken before it is sent. What is cut off in between is told, and never sent again by itself.
#[tokio::test]
async fn a_mail_that_perhaps_never_came_is_told_to_administrators() {
    let world = World::new([]);
    let (_, admin) = world.signed_in("Ada", &[Grant::Admin]).await;
    let invitation = json!({ "email": "robin@example.com", "name": "Robin", "grants": ["crew"] });
    let robin = world.post_as(&admin, "/api/people", &invitation).await.json["person_id"].clone();
    let id = world.errands.take().pop().expect("an errand");
    let digest = Digest::of_table("digest");
    let taking = Taking {
        digests: Digests { token: digest, code: None },
        person_id: robin.as_str().expect("a key").parse().expect("a key"),
        key: "sign-in-key".parse().expect("a key"),
        now: world.clock.now(),
    };
    // The function dies right after it took the mail.
    assert_eq!(world.challenges.take(&id, &taking).await, Ok(true));
    run(&world.app, &Errand::Mail { challenge: id.to_string() }).await.expect("an errand that works");
    assert!(world.outbox.sent().is_empty());
    let told = async || world.get_as(&admin, "/api/admin/unknown-sends").await.json["links"].clone();
    assert_eq!(told().await, json!([]), "it is on its way");
    world.clock.advance(SignedDuration::from_mins(15));
    let at = taking.now.as_second();
    let lost = json!({
        "person_id": robin, "purpose": "invitation", "refused": false, "message_key": "sign-in-key", "at": at,
    });
    assert_eq!(told().await, json!([lost]));
    world.challenges.settle(&id, &MailOutcome::Sent).await.expect("a table in memory");
    assert_eq!(told().await, json!([]));
}

/// Lambda gives an event up after three attempts, and whoever was invited does not know of it.
#[tokio::test]
async fn an_invitation_whose_mail_nobody_began_is_told_until_it_is_sent_or_nobody_is_to_get_it() {
    for is_shut_out in [false, true] {
        let world = World::new([]);
        let (_, admin) = world.signed_in("Ada", &[Grant::Admin]).await;
        let invitation = json!({ "email": "robin@example.com", "name": "Robin", "grants": ["crew"] });
        let robin = world.post_as(&admin, "/api/people", &invitation).await.json["person_id"].clone();
        world.post("/api/auth/links", &json!({ "email": "robin@example.com" })).await;
        let told = async || world.get_as(&admin, "/api/admin/unknown-sends").await.json["links"].clone();
        assert_eq!(told().await, json!([]), "it is on its way");
        world.clock.advance(SignedDuration::from_mins(15));
        let lost = told().await;
        assert_eq!(lost.as_array().map(Vec::len), Some(1), "who asks for a link asks again: {lost}");
        assert_eq!((&lost[0]["person_id"], &lost[0]["purpose"]), (&robin, &json!("invitation")));
        if is_shut_out {
            let path = format!("/api/people/{}/revocation", robin.as_str().expect("a key"));
            world.post_as(&admin, &path, &json!({})).await;
        }
        world.run_errands().await;
        assert_eq!(told().await, json!([]));
        assert_eq!(world.outbox.sent().is_empty(), is_shut_out);
    }
}
