//! A token: a JWT in compact form, signed by RS256, read as strictly as RFC 8725 asks.
//!
//! The header holds three members and no others, so that nothing in a token can name a key, a place to
//! fetch one, or an algorithm but the one.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use functions_shared::ring::{KeyId, PublicJwk, SigningKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::Claims;

/// What a token of ours is for: no other sort of token has this type.
pub const TYPE: &str = "crew-session+jwt";
/// The one algorithm.
const ALGORITHM: &str = "RS256";
/// No token of ours is longer, in bytes.
const LONGEST: usize = 4096;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    kid: KeyId,
    typ: String,
}

/// A token in the right form, of which nothing is believed yet.
pub struct Unverified<'a> {
    /// The key that is said to have signed it.
    pub kid: KeyId,
    /// What the signature is over: header and claims as they are written.
    signed: &'a str,
    claims: &'a str,
    signature: Vec<u8>,
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

impl<'a> Unverified<'a> {
    /// Splits a token whose header is exactly ours.
    pub fn parse(token: &'a str) -> Option<Self> {
        if token.len() > LONGEST {
            return None;
        }
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let header: Header = decoded(header)?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        let ours = header.alg == ALGORITHM && header.typ == TYPE;
        ours.then_some(Self { kid: header.kid, signed, claims, signature })
    }

    /// The claims, if this key has signed them.
    pub fn verify(&self, key: &PublicJwk) -> Option<Claims> {
        match key.has_signed(self.signed.as_bytes(), &self.signature) {
            true => decoded(self.claims),
            false => None,
        }
    }
}

/// One value of JSON and nothing behind it. A member that is there twice, or of another type, is a fault.
fn decoded<T: DeserializeOwned>(part: &str) -> Option<T> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&json).ok()
}
