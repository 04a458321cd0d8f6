//! A ring of RS256 keys as a document: which key signs, which verify, and their public halves. Whoever reads
//! tokens reads it; nothing in it is secret.

use std::time::SystemTime;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use deployer_engine::secret::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

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
    /// What it does.
    pub phase: Phase,
    /// Its public half.
    pub jwk: Jwk,
}

/// What a key of a ring does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// It signs and verifies.
    Active,
    /// It verifies what it signed before.
    Retired,
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

/// Makes an RSA key of 2,048 bits. `None`: this machine cannot, for want of random numbers.
pub fn new_key() -> Option<NewKey> {
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
    // Nothing is decided by it here: it tells people and later runs how old the key is.
    let created_at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok()?.as_secs();
    Some(NewKey { public: Key { kid, created_at, phase: Phase::Active, jwk }, private: Secret::new(private) })
}

impl Document {
    /// The document of a ring whose only key is this one.
    pub fn new(key: Key, token_ttl_seconds: u32, jwks_cache_seconds: u32) -> Self {
        Self { version: VERSION, active: key.kid.clone(), token_ttl_seconds, jwks_cache_seconds, keys: vec![key] }
    }

    /// The same ring in which this key signs; the others go on verifying.
    pub fn with_active(mut self, key: Key) -> Self {
        for each in &mut self.keys {
            each.phase = Phase::Retired;
        }
        self.active = key.kid.clone();
        self.keys.insert(0, key);
        self
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
        let NewKey { public, private } = new_key().unwrap();
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

    #[test]
    fn a_new_active_key_retires_the_others_and_four_fit_into_a_parameter() {
        let keys: Vec<Key> = (0..4).map(|_| new_key().unwrap().public).collect();
        let ring = Document::new(keys[0].clone(), 43_200, 900);
        let ring = keys[1..].iter().fold(ring, |ring, key| ring.with_active(key.clone()));
        assert_eq!(ring.active, keys[3].kid);
        let phases: Vec<_> = ring.keys.iter().map(|key| key.phase).collect();
        assert_eq!(phases, [Phase::Active, Phase::Retired, Phase::Retired, Phase::Retired]);
        assert!(serde_json::to_string(&ring).unwrap().len() < crate::parameters::MAX_VALUE_BYTES);
    }

    #[test]
    fn what_is_no_public_key_has_no_components() {
        for der in [&[][..], &[0x30], &[0x30, 0x82], &[0x30, 0x03, 0x02, 0x01], &[0x31, 0x00], &[0x30, 0xff, 0x01]] {
            assert!(components(der).is_none(), "{der:?}");
        }
    }
}
