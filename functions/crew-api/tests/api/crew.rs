//! A crew that works: people with sessions, and what they ask of a sail.

use axum::body::Body;
use axum::http::{HeaderName, Method};
use functions_shared::person::{Grant, Person};
use functions_shared::sail::{Role, Sail, SailState};
use functions_shared::testing::{sail, waiver_form};
use functions_shared::waiver::Form;
use serde_json::{Value, json};

use super::door::{Answer, World, request};

/// Somebody with a session.
pub struct Sailor {
    pub person: Person,
    pub token: String,
}

/// An evening sail of a captain and two deckhands, for two guests, sixteen hours from the world's beginning.
pub fn evening() -> Sail {
    Sail {
        slots: [(Role::Captain, 1), (Role::Deckhand, 2)].into(),
        guest_limit: 2,
        state: SailState::Confirmed,
        waiver_token: Some("0123456789abcdef0123456789abcdef".to_owned().try_into().expect("a token")),
        ..sail("evening", "2026-11-22T00:00:00Z")
    }
}

/// What opens the waiver page of [`evening`].
pub const LINK: &str = "evening.0123456789abcdef0123456789abcdef";

impl World {
    /// Somebody with a session.
    pub async fn sailor(&self, name: &str, grants: &[Grant]) -> Sailor {
        let (person, token) = self.signed_in(name, grants).await;
        Sailor { person, token }
    }

    /// Somebody of the crew who has signed for the evening's sail.
    pub async fn signed_sailor(&self, name: &str, grants: &[Grant]) -> Sailor {
        let sailor = self.sailor(name, grants).await;
        let answer = self.ask(&sailor, Method::POST, "/api/sails/evening/waiver", json!(waiver_form(name))).await;
        assert_eq!(answer.status, 201, "{:?}", answer.json);
        sailor
    }

    /// The same person with a new session: the old one has ended by itself.
    pub async fn again(&self, sailor: Sailor) -> Sailor {
        Sailor { token: self.session_of(&sailor.person).await, ..sailor }
    }

    /// A request with a body, under a key of its own.
    pub async fn ask(&self, sailor: &Sailor, method: Method, path: &str, body: Value) -> Answer {
        let key = functions_shared::random::id().expect("random bytes");
        self.ask_with(sailor, method, path, body, &[("idempotency-key", &key)]).await
    }

    /// A request with a body and these headers.
    pub async fn ask_with(
        &self,
        sailor: &Sailor,
        method: Method,
        path: &str,
        body: Value,
        headers: &[(&'static str, &str)],
    ) -> Answer {
        let mut asked = request(method, path, Body::from(body.to_string()));
        asked.headers_mut().insert("content-type", "application/json".parse().expect("a header"));
        for (name, value) in headers {
            asked.headers_mut().insert(HeaderName::from_static(name), value.parse().expect("a header"));
        }
        self.send_as(&sailor.token, asked).await
    }

    /// Claims a slot of the evening's sail under a key.
    pub async fn claim(&self, sailor: &Sailor, slot: &str, key: &str) -> Answer {
        let path = "/api/sails/evening/roles/claim";
        self.ask_with(sailor, Method::POST, path, json!({ "slot": slot }), &[("idempotency-key", key)]).await
    }

    /// A guest signs for the evening's sail.
    pub async fn sign_as_guest(&self, form: &Form) -> Answer {
        let mut asked = request(Method::POST, "/api/waiver", Body::from(json!(form).to_string()));
        asked.headers_mut().insert("content-type", "application/json".parse().expect("a header"));
        asked.headers_mut().insert("waiver-link", LINK.parse().expect("a header"));
        self.send(asked).await
    }
}
