//! Sessions: signed tokens that name a person, made here and read here.

mod cookie;
mod rs256;
mod token;

use std::sync::Arc;

use functions_shared::call_error::CallError;
use functions_shared::clock::Clock;
use functions_shared::parameters::ParameterError;
use functions_shared::people::SessionKey;
use functions_shared::person::{Grant, Person, PersonId};
use functions_shared::random;
use functions_shared::ring::{Keys, Ring};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use token::{Rules, Unverified, sign};

pub use cookie::{CHALLENGE_COOKIE, Cookie, SESSION_COOKIE, value_of};
pub use token::TYPE;

/// For whom every token is.
const AUDIENCE: &str = "crew-api";
/// How far the clocks of two machines may be apart, in seconds.
const LEEWAY_SECONDS: i64 = 60;

/// Makes and reads the tokens of sessions.
pub struct Sessions {
    keys: Keys,
    clock: Arc<dyn Clock>,
    /// Who signs: the ring's own name, which no other environment has.
    issuer: String,
    rules: Rules,
}

/// What a token says. All of it must be there, and nothing else.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// Who signed.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The person.
    pub sub: PersonId,
    /// The session's own id.
    pub jti: String,
    /// The generation of the person's sessions.
    pub generation: u32,
    /// What the person could do when it was signed: words for tools. What counts is read on each request.
    pub roles: Vec<Grant>,
    /// When it was signed, in epoch seconds.
    pub iat: i64,
    /// From when it counts, in epoch seconds.
    pub nbf: i64,
    /// Until when it counts, in epoch seconds.
    pub exp: i64,
}

/// A new session.
pub struct Issued {
    /// The token. It goes into one answer and into no log.
    pub token: String,
    /// What it says.
    pub claims: Claims,
}

/// Why a token opens nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Closed {
    /// It is none of ours, or no longer.
    Refused,
    /// Nobody can tell: the keys cannot be read.
    Unavailable(ParameterError),
}

impl Sessions {
    /// The ring's name is that of the issuer.
    pub fn new(keys: Keys, clock: Arc<dyn Clock>, issuer: String) -> Self {
        Self { keys, clock, rules: Rules::of(&issuer), issuer }
    }

    /// Begins a session of a person.
    pub async fn issue(&self, person: &Person) -> Result<Issued, CallError> {
        let unsigned = || CallError::odd_result("sign", "no key signs");
        let (key, ring) = self.keys.signing().await.map_err(|error| {
            tracing::error!(%error, "no session can begin");
            unsigned()
        })?;
        let now = self.clock.now().as_second();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: AUDIENCE.to_owned(),
            sub: person.person_id.clone(),
            jti: random::id()?,
            generation: person.generation,
            roles: person.grants.iter().copied().collect(),
            iat: now,
            nbf: now,
            exp: now + i64::from(ring.token_ttl_seconds),
        };
        let token = sign(&key, &claims).ok_or_else(unsigned)?;
        Ok(Issued { token, claims })
    }

    /// What a token says, if it is one of ours and this is its time.
    pub async fn open(&self, token: &str) -> Result<Claims, Closed> {
        let unverified = Unverified::parse(token).ok_or(Closed::Refused)?;
        let key = self.keys.public(&unverified.kid).await.map_err(Closed::Unavailable)?;
        let claims = key.and_then(|key| unverified.verify(&key, &self.rules)).ok_or(Closed::Refused)?;
        match claims.count(self.clock.now()) {
            true => Ok(claims),
            false => Err(Closed::Refused),
        }
    }

    /// The ring, whose public half is for everybody.
    pub async fn ring(&self) -> Result<Arc<Ring>, ParameterError> {
        self.keys.ring().await
    }
}

impl Claims {
    /// The session in the people's table.
    pub fn session(&self) -> SessionKey {
        SessionKey { person_id: self.sub.clone(), session_id: self.jti.clone() }
    }

    /// From this moment on nobody believes them, clocks that are apart included: until then an end is remembered.
    pub fn believed_until(&self) -> Timestamp {
        Timestamp::from_second(self.exp.saturating_add(LEEWAY_SECONDS)).unwrap_or(Timestamp::MAX)
    }

    /// Whether it is their time, and the session has an id.
    fn count(&self, now: Timestamp) -> bool {
        let latest = now.as_second().saturating_add(LEEWAY_SECONDS);
        let earliest = now.as_second().saturating_sub(LEEWAY_SECONDS);
        self.iat <= latest && self.nbf <= latest && self.exp > earliest && self.jti.len() == 32
    }
}
