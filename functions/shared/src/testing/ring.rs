//! Rings of keys as a deployer leaves them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

use super::MemoryParameters;
use crate::ring::{PublicJwk, Ring, RingKey};

/// Making a key takes long: every test of a process shares these, by name.
static KEYS: Mutex<BTreeMap<String, (PublicJwk, String)>> = Mutex::new(BTreeMap::new());

/// The key `test`: so many tests sign that each making a key of its own would cost a minute. It is known to
/// everybody and signs nothing else.
const TEST_KEY: &str = include_str!("signing-key.txt");

/// Writes a ring with these keys below a name; the first one signs.
pub fn ring_in(parameters: &MemoryParameters, name: &str, kids: &[&str]) {
    let key = |kid: &&str| RingKey { kid: kid.parse().expect("a name"), jwk: ring_key(kid).0 };
    let ring = Ring {
        version: 1,
        active: kids[0].parse().expect("a name"),
        token_ttl_seconds: 12 * 3600,
        jwks_cache_seconds: 15 * 60,
        keys: kids.iter().map(key).collect(),
    };
    parameters.set(&format!("{name}/ring"), &serde_json::to_string(&ring).expect("JSON"));
    for kid in kids {
        parameters.set(&format!("{name}/keys/{kid}"), &ring_key(kid).1);
    }
}

/// The public half of a test's key and its private half in PEM; the same for the same name.
pub fn ring_key(kid: &str) -> (PublicJwk, String) {
    let mut keys = KEYS.lock().expect("never poisoned");
    keys.entry(kid.to_owned()).or_insert_with(|| new_key(kid)).clone()
}

fn new_key(kid: &str) -> (PublicJwk, String) {
    let pair = match kid {
        "test" => {
            let der = BASE64_STANDARD.decode(TEST_KEY.split_whitespace().collect::<String>()).expect("base64");
            KeyPair::from_pkcs8(&der).expect("a key")
        }
        _ => KeyPair::generate(KeySize::Rsa2048).expect("a key"),
    };
    let (n, e) = components(pair.public_key().as_ref());
    let jwk = PublicJwk {
        kty: "RSA".to_owned(),
        usage: "sig".to_owned(),
        alg: "RS256".to_owned(),
        kid: kid.to_owned(),
        n: BASE64_URL_SAFE_NO_PAD.encode(n),
        e: BASE64_URL_SAFE_NO_PAD.encode(e),
    };
    let der = pair.as_der().expect("a private key");
    let body = BASE64_STANDARD.encode(der.as_ref());
    (jwk, format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"))
}

/// Modulus and exponent of an RSAPublicKey of 2,048 bits: a sequence (4 bytes of head) of two integers, of
/// which the first has 4 bytes of head and a zero before it, and the last is 65537.
fn components(der: &[u8]) -> (&[u8], &[u8]) {
    (&der[9..9 + 256], &der[der.len() - 3..])
}
