//! A token: a JWT in compact form, signed by RS256, read as strictly as RFC 8725 asks.
//!
//! The header holds three members and no others, so that nothing in a token can name a key, a place to
//! fetch one, or an algorithm but the one. What it is signed with and for whom it is, `jsonwebtoken` judges; the
//! times are judged by this API's own clock.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use functions_shared::ring::{KeyId, PublicJwk, SigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use serde::{Deserialize, Serialize};

use super::{AUDIENCE, Claims, rs256};

/// What a token of ours is for: no other sort of token has this type.
pub const TYPE: &str = "crew-session+jwt";
/// The one algorithm.
const ALGORITHM: &str = "RS256";
/// The claims that must be there, each of its own type. [`Claims`] asks for the others.
const REQUIRED: [&str; 5] = ["exp", "nbf", "aud", "iss", "sub"];
/// No token of ours is longer, in bytes.
const LONGEST: usize = 4096;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: KeyId,
    typ: String,
}

/// What every token must be, beside its time.
pub struct Rules(Validation);

/// A token in the right form, of which nothing is believed yet.
pub struct Unverified<'a> {
    /// The key that is said to have signed it.
    pub kid: KeyId,
    token: &'a str,
}

/// A signed token. `None`: the key cannot sign.
pub fn sign(key: &SigningKey, claims: &Claims) -> Option<String> {
    let header = Header { alg: ALGORITHM.to_owned(), kid: key.kid.clone(), typ: TYPE.to_owned() };
    let encoded = |json: Vec<u8>| BASE64_URL_SAFE_NO_PAD.encode(json);
    let header = encoded(serde_json::to_vec(&header).ok()?);
    let signed = format!("{header}.{}", encoded(serde_json::to_vec(claims).ok()?));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes())?);
    Some(format!("{signed}.{signature}"))
}

impl Rules {
    /// Signed for us by this issuer.
    pub fn of(issuer: &str) -> Self {
        rs256::install();
        let mut rules = Validation::new(Algorithm::RS256);
        rules.set_required_spec_claims(&REQUIRED);
        rules.set_issuer(&[issuer]);
        rules.set_audience(&[AUDIENCE]);
        // The library asks the machine's clock; this API asks its own.
        rules.validate_exp = false;
        rules.validate_nbf = false;
        Self(rules)
    }
}

impl<'a> Unverified<'a> {
    /// A token whose header is exactly ours.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (header, _) = token.split_once('.')?;
        let header: Header = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        let ours = header.alg == ALGORITHM && header.typ == TYPE;
        ours.then_some(Self { kid: header.kid, token })
    }

    /// The claims, if this key has signed them for us. A member that is there twice, or of another type, is a fault.
    pub fn verify(&self, key: &PublicJwk, rules: &Rules) -> Option<Claims> {
        let key = DecodingKey::from_rsa_components(&key.n, &key.e).ok()?;
        decode(self.token, &key, &rules.0).ok().map(|token| token.claims)
    }
}
