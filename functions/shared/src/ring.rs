//! A ring of RS256 keys in Parameter Store: one signs, and all verify.
//!
//! Below the ring's name are `ring`, a document with every public key, and `keys/<kid>`, a private key each as
//! PKCS #8 in PEM. Whoever deploys makes and rotates them; this side only reads.

mod keys;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use keys::{Keys, SigningKey};

/// The document of a ring.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Ring {
    /// The form of this document: 1.
    pub version: u32,
    /// The key that signs.
    pub active: KeyId,
    /// How long a token that is signed with it may live, in seconds.
    pub token_ttl_seconds: u32,
    /// How long others may keep the public keys, in seconds.
    pub jwks_cache_seconds: u32,
    /// Every key that a token may be signed with.
    pub keys: Vec<RingKey>,
}

/// One key of a ring.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct RingKey {
    /// Its name.
    pub kid: KeyId,
    /// Its public half.
    pub jwk: PublicJwk,
}

/// The public half of an RSA key as RFC 7517 writes it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublicJwk {
    /// The kind of key: `RSA`.
    pub kty: String,
    /// What it is for: `sig`.
    #[serde(rename = "use")]
    pub usage: String,
    /// The algorithm: `RS256`.
    pub alg: String,
    /// The key's name.
    pub kid: String,
    /// The modulus, base64url.
    pub n: String,
    /// The exponent, base64url.
    pub e: String,
}

/// The name of a key: letters, digits, `-` and `_`, at most 64. It is a part of a parameter's name.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyId(String);

impl KeyId {
    /// The name as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |each: u8| each.is_ascii_alphanumeric() || matches!(each, b'-' | b'_');
        match (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err("is not the name of a key: letters, digits, '-' and '_', at most 64"),
        }
    }
}

impl TryFrom<String> for KeyId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<KeyId> for String {
    fn from(kid: KeyId) -> Self {
        kid.0
    }
}
