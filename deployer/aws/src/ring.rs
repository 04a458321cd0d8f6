//! A ring of RS256 keys as a document: which key signs, which verify, and their public halves. Whoever reads
//! tokens reads it; nothing in it is secret.

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use deployer_engine::secret::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::rotation::{Former, KNOWN_AFTER_SECONDS, Promised, Stage};

/// The form of the document.
const VERSION: u32 = 1;
/// How many bytes of a digest name a key.
const KID_BYTES: usize = 8;

/// The document of a ring. Permanent: functions that were shipped earlier read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The form of the document.
    pub version: u32,
    /// The name of the key that signs.
    pub active: String,
    /// How long a token lives, in seconds.
    pub token_ttl_seconds: u32,
    /// How long the public keys may be kept by others, in seconds.
    pub jwks_cache_seconds: u32,
    /// Until when tokens may live that were signed while they lived longer, in epoch seconds; absent: they never did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tokens_until: Option<u64>,
    /// Until when others may keep public keys that they fetched while these were kept longer, in epoch seconds; absent:
    /// they never were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks_until: Option<u64>,
    /// Every key, the newest first.
    pub keys: Vec<Key>,
}

/// One key of a ring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its name: the beginning of the digest of its public half.
    pub kid: String,
    /// When it was made, in epoch seconds.
    pub created_at: u64,
    /// When it came into its phase, in epoch seconds; absent: when it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<u64>,
    /// What it does.
    pub phase: Phase,
    /// Its public half.
    pub jwk: Jwk,
}

/// What a key of a ring does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It is known to everybody who verifies, and will sign next.
    Next,
    /// It signs and verifies.
    Active,
    /// It verifies what it signed before.
    #[serde(alias = "retired")]
    Previous,
}

/// A public key as RFC 7517 writes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    kty: String,
    #[serde(rename = "use")]
    usage: String,
    alg: String,
    kid: String,
    n: String,
    e: String,
}

/// A new key: its public half, and its private one as PKCS #8 in PEM, which leaves only in the one call that stores it.
pub struct NewKey {
    /// For the document.
    pub public: Key,
    /// For the one parameter of its own.
    pub private: Secret<String>,
}

/// Makes an RSA key of 2,048 bits at `created_at`, in epoch seconds. `None`: this machine cannot, for want of random
/// numbers.
pub fn new_key(created_at: u64, phase: Phase) -> Option<NewKey> {
    let pair = KeyPair::generate(KeySize::Rsa2048).ok()?;
    let public = pair.public_key().as_ref();
    let (n, e) = components(public)?;
    let kid = hex::encode(&Sha256::digest(public)[..KID_BYTES]);
    let jwk = Jwk {
        kty: "RSA".to_owned(),
        usage: "sig".to_owned(),
        alg: "RS256".to_owned(),
        kid: kid.clone(),
        n: BASE64_URL_SAFE_NO_PAD.encode(n),
        e: BASE64_URL_SAFE_NO_PAD.encode(e),
    };
    let body = Zeroizing::new(BASE64_STANDARD.encode(pair.as_der().ok()?.as_ref()));
    let private = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", *body);
    Some(NewKey { public: Key { kid, created_at, since: None, phase, jwk }, private: Secret::new(private) })
}

impl Document {
    /// The document of a ring whose only key is this one.
    pub fn new(key: Key, token_ttl_seconds: u32, jwks_cache_seconds: u32) -> Self {
        Self {
            version: VERSION,
            active: key.kid.clone(),
            token_ttl_seconds,
            jwks_cache_seconds,
            tokens_until: None,
            jwks_until: None,
            keys: vec![key],
        }
    }

    /// The same ring under other terms from `now` on, in epoch seconds. What longer ones promised is kept in mind.
    #[must_use]
    pub fn with_terms(mut self, token_ttl_seconds: u32, jwks_cache_seconds: u32, now: u64) -> Self {
        let until = |before: u32, after: u32| (after < before).then(|| now + KNOWN_AFTER_SECONDS + u64::from(before));
        self.tokens_until = self.tokens_until.max(until(self.token_ttl_seconds, token_ttl_seconds));
        self.jwks_until = self.jwks_until.max(until(self.jwks_cache_seconds, jwks_cache_seconds));
        Self { token_ttl_seconds, jwks_cache_seconds, ..self }
    }

    /// What it promises.
    pub fn promised(&self) -> Promised {
        let former = Former {
            kept_until: self.jwks_until.unwrap_or_default(),
            needed_until: self.tokens_until.unwrap_or_default(),
        };
        let (token_ttl, jwks_cache) = (self.token_ttl_seconds.into(), self.jwks_cache_seconds.into());
        Promised { token_ttl, jwks_cache, former }
    }

    /// The same ring in which this key signs at once; the others go on verifying.
    #[must_use]
    pub fn with_active(mut self, key: Key) -> Self {
        for each in &mut self.keys {
            each.phase = Phase::Previous;
        }
        self.active = key.kid.clone();
        self.keys.insert(0, key);
        self
    }

    /// The same ring with a key that will sign next.
    #[must_use]
    pub fn with_next(mut self, key: Key) -> Self {
        self.keys.insert(0, key);
        self
    }

    /// The key in this phase; of former ones the youngest.
    pub fn key(&self, phase: Phase) -> Option<&Key> {
        self.keys.iter().find(|key| key.phase == phase)
    }

    /// The same ring in which the published key signs from `at` on; without one, the same ring.
    #[must_use]
    pub fn activated(mut self, at: u64) -> Self {
        let Some(next) = self.key(Phase::Next).map(|key| key.kid.clone()) else { return self };
        for each in &mut self.keys {
            each.phase = if each.kid == next { Phase::Active } else { Phase::Previous };
            if each.kid == next {
                each.since = Some(at);
            }
        }
        self.active = next;
        self
    }

    /// The same ring without the keys in this phase; the one that signs stays.
    #[must_use]
    pub fn without(mut self, phase: Phase) -> Self {
        let active = self.active.clone();
        self.keys.retain(|key| key.phase != phase || key.kid == active);
        self
    }

    /// When the key that signs was made, in epoch seconds.
    pub fn made_at(&self) -> Option<u64> {
        self.keys.iter().find(|key| key.kid == self.active).map(|key| key.created_at)
    }

    /// Where its rotation stands.
    pub fn stage(&self) -> Stage {
        let active = self.keys.iter().find(|key| key.kid == self.active);
        let since = active.map_or(0, |key| key.since.unwrap_or(key.created_at));
        match (self.key(Phase::Next), self.key(Phase::Previous)) {
            (Some(next), _) => Stage::Published { since: next.created_at },
            (None, Some(_)) => Stage::Activated { since },
            (None, None) => Stage::Steady { since: active.map_or(0, |key| key.created_at) },
        }
    }
}

/// Modulus and exponent of an RSAPublicKey (RFC 8017, A.1.1), without leading zeros.
fn components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = element(der, 0x30)?;
    let (modulus, rest) = element(sequence, 0x02)?;
    let (exponent, _) = element(rest, 0x02)?;
    let plain = |integer: &'_ [u8]| integer.iter().position(|each| *each != 0);
    Some((&modulus[plain(modulus)?..], &exponent[plain(exponent)?..]))
}

/// The content of the element of that tag at the beginning, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, first, rest @ ..] = der else { return None };
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (digits.iter().try_fold(0_usize, |all, each| all.checked_mul(256)?.checked_add(usize::from(*each)))?, rest)
        }
    };
    (*found == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents};

    use super::*;

    #[test]
    fn what_the_private_half_signs_the_document_verifies() {
        let NewKey { public, private } = new_key(10, Phase::Active).unwrap();
        assert!(private.reveal().len() < crate::parameters::MAX_VALUE_BYTES);
        let body: String = private.reveal().lines().filter(|line| !line.starts_with('-')).collect();
        let pair = RsaKeyPair::from_pkcs8(&BASE64_STANDARD.decode(body).unwrap()).unwrap();
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), b"message", &mut signature).unwrap();
        let decoded = |text: &str| BASE64_URL_SAFE_NO_PAD.decode(text).unwrap();
        let key = RsaPublicKeyComponents { n: decoded(&public.jwk.n), e: decoded(&public.jwk.e) };
        assert!(key.verify(&RSA_PKCS1_2048_8192_SHA256, b"message", &signature).is_ok());
        assert_eq!((public.kid.len(), decoded(&public.jwk.n).len(), public.jwk.e.as_str()), (16, 256, "AQAB"));
    }

    /// A key that need not sign.
    fn key(kid: &str, created_at: u64, phase: Phase) -> Key {
        Key { kid: kid.to_owned(), created_at, phase, ..new_key(created_at, phase).unwrap().public }
    }

    #[test]
    fn a_rotation_goes_from_one_key_over_two_to_one_and_names_its_times() {
        let told = |ring: &Document| {
            let keys: Vec<_> = ring.keys.iter().map(|key| format!("{} {:?}", key.kid, key.phase)).collect();
            (ring.active.clone(), keys.join(", "), ring.stage())
        };
        let first = Document::new(key("a", 10, Phase::Active), 43_200, 900);
        assert_eq!(told(&first), ("a".to_owned(), "a Active".to_owned(), Stage::Steady { since: 10 }));
        let published = first.clone().with_next(key("b", 20, Phase::Next));
        assert_eq!(told(&published), ("a".to_owned(), "b Next, a Active".to_owned(), Stage::Published { since: 20 }));
        let activated = published.clone().activated(30);
        let expected = ("b".to_owned(), "b Active, a Previous".to_owned(), Stage::Activated { since: 30 });
        assert_eq!(told(&activated), expected);
        assert_eq!(activated.clone().activated(40), activated, "it is activated once");
        let retired = activated.clone().without(Phase::Previous);
        assert_eq!(told(&retired), ("b".to_owned(), "b Active".to_owned(), Stage::Steady { since: 20 }));
        assert_eq!(published.without(Phase::Next), first, "it is taken back");
    }

    #[test]
    fn a_key_in_place_of_a_lost_one_signs_at_once_and_four_fit_into_a_parameter() {
        let ring = Document::new(key("a", 10, Phase::Active), 43_200, 900);
        let ring = ["b", "c", "d"].iter().fold(ring, |ring, kid| ring.with_active(key(kid, 20, Phase::Active)));
        assert_eq!((ring.active.as_str(), ring.stage()), ("d", Stage::Activated { since: 20 }));
        assert!(serde_json::to_string(&ring).unwrap().len() < crate::parameters::MAX_VALUE_BYTES);
        assert!(serde_json::from_str::<Phase>("\"retired\"").unwrap() == Phase::Previous, "an older document is read");
    }

    #[test]
    fn what_is_no_public_key_has_no_components() {
        for der in [&[][..], &[0x30], &[0x30, 0x82], &[0x30, 0x03, 0x02, 0x01], &[0x31, 0x00], &[0x30, 0xff, 0x01]] {
            assert!(components(der).is_none(), "{der:?}");
        }
    }
}
