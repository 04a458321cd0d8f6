//! The keys of a ring, kept in memory for a short while.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;
use zeroize::Zeroizing;

use super::{KeyId, PublicJwk, Ring};
use crate::clock::Clock;
use crate::config::ParameterName;
use crate::parameters::{ParameterError, Parameters};

/// How long a ring is used without looking: a retired key stops verifying after this at the latest.
const FRESH_FOR: SignedDuration = SignedDuration::from_secs(300);
/// How long a key is believed to be unknown before the ring is read again: forged tokens cannot cause more
/// reads than this.
const REFETCH_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// How long to leave Parameter Store alone when there is no ring at all.
const RETRY_EVERY: SignedDuration = SignedDuration::from_secs(1);

/// A ring in Parameter Store.
pub struct Keys {
    parameters: Arc<dyn Parameters>,
    clock: Arc<dyn Clock>,
    /// Below it are `ring` and `keys/<kid>`.
    name: ParameterName,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    ring: Option<Arc<Ring>>,
    /// The last attempt to read the ring, whether it worked or not.
    tried: Option<Timestamp>,
    /// Why the last attempt gave no ring.
    fault: Option<ParameterError>,
    signing: Option<Arc<SigningKey>>,
}

/// The key that signs. It is shown and written nowhere.
pub struct SigningKey {
    /// Its name.
    pub kid: KeyId,
    pair: RsaKeyPair,
}

impl SigningKey {
    /// The signature of the message by RS256. `None`: the key cannot sign.
    pub fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

impl Keys {
    /// Nothing is read before the first question.
    pub fn new(parameters: Arc<dyn Parameters>, clock: Arc<dyn Clock>, name: ParameterName) -> Self {
        Self { parameters, clock, name, kept: Mutex::default() }
    }

    /// The ring. A Parameter Store that does not answer leaves the one that is kept.
    pub async fn ring(&self) -> Result<Arc<Ring>, ParameterError> {
        let mut kept = self.kept.lock().await;
        self.refresh(&mut kept).await;
        kept.ring()
    }

    /// The public key of that name. `None`: the ring has none, however new it is.
    pub async fn public(&self, kid: &KeyId) -> Result<Option<PublicJwk>, ParameterError> {
        let mut kept = self.kept.lock().await;
        self.refresh(&mut kept).await;
        let now = self.clock.now();
        if kept.ring.as_ref().is_some_and(|ring| ring.find(kid).is_none()) && kept.is_older(now, REFETCH_EVERY) {
            self.read(&mut kept, now).await;
        }
        Ok(kept.ring()?.find(kid).cloned())
    }

    /// The key that signs, with its ring.
    pub async fn signing(&self) -> Result<(Arc<SigningKey>, Arc<Ring>), ParameterError> {
        let mut kept = self.kept.lock().await;
        self.refresh(&mut kept).await;
        match self.sign_with(&mut kept).await {
            // Its private half is gone: another key signs by now, and the ring that is kept does not know.
            Err(ParameterError::Missing) if kept.is_older(self.clock.now(), RETRY_EVERY) => {
                self.read(&mut kept, self.clock.now()).await;
                self.sign_with(&mut kept).await
            }
            outcome => outcome,
        }
    }

    async fn sign_with(&self, kept: &mut Kept) -> Result<(Arc<SigningKey>, Arc<Ring>), ParameterError> {
        let ring = kept.ring()?;
        let key = match &kept.signing {
            Some(key) if key.kid == ring.active => key.clone(),
            _ => Arc::new(self.private(&ring.active).await?),
        };
        kept.signing = Some(key.clone());
        Ok((key, ring))
    }

    async fn private(&self, kid: &KeyId) -> Result<SigningKey, ParameterError> {
        let name = self.below(&format!("keys/{kid}"))?;
        let value = self.parameters.read(&name).await?;
        let der = pkcs8(value.expose()).ok_or(ParameterError::Missing)?;
        let pair = RsaKeyPair::from_pkcs8(&der).map_err(|_| ParameterError::Missing)?;
        Ok(SigningKey { kid: kid.clone(), pair })
    }

    fn below(&self, part: &str) -> Result<ParameterName, ParameterError> {
        format!("{}/{part}", self.name.as_str()).parse().map_err(|_| ParameterError::Missing)
    }

    async fn refresh(&self, kept: &mut Kept) {
        let now = self.clock.now();
        let old_after = if kept.ring.is_some() { FRESH_FOR } else { RETRY_EVERY };
        if kept.is_older(now, old_after) {
            self.read(kept, now).await;
        }
    }

    /// Reads the ring. One that is gone takes the kept one with it.
    async fn read(&self, kept: &mut Kept, now: Timestamp) {
        kept.tried = Some(now);
        let read = async {
            let value = self.parameters.read(&self.below("ring")?).await?;
            serde_json::from_str::<Ring>(value.expose()).map_err(|_| ParameterError::Missing)
        };
        kept.fault = match read.await {
            Ok(ring) => {
                kept.ring = Some(Arc::new(ring));
                None
            }
            Err(fault) => Some(fault),
        };
        if let Some(fault) = &kept.fault {
            tracing::warn!(parameter = self.name.as_str(), %fault, "the ring of keys cannot be read");
            if *fault == ParameterError::Missing {
                kept.ring = None;
                kept.signing = None;
            }
        }
    }
}

impl Ring {
    fn find(&self, kid: &KeyId) -> Option<&PublicJwk> {
        self.keys.iter().find(|key| key.kid == *kid).map(|key| &key.jwk)
    }
}

impl Kept {
    fn ring(&self) -> Result<Arc<Ring>, ParameterError> {
        match (&self.ring, &self.fault) {
            (Some(ring), _) => Ok(ring.clone()),
            (None, Some(fault)) => Err(fault.clone()),
            (None, None) => Err(ParameterError::Missing),
        }
    }

    /// Whether the last attempt is longer ago than `limit`. A clock that went back counts as old.
    fn is_older(&self, now: Timestamp, limit: SignedDuration) -> bool {
        let age = self.tried.map(|tried| now.duration_since(tried));
        age.is_none_or(|age| age >= limit || age.is_negative())
    }
}

/// The bytes between the lines of a PEM.
fn pkcs8(pem: &str) -> Option<Zeroizing<Vec<u8>>> {
    let body = pem.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?.strip_suffix("-----END PRIVATE KEY-----")?;
    let joined: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    BASE64_STANDARD.decode(joined.as_bytes()).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
    use base64::prelude::BASE64_URL_SAFE_NO_PAD;

    use super::*;
    use crate::testing::{FixedClock, MemoryParameters, ring_in};

    struct World {
        parameters: Arc<MemoryParameters>,
        clock: Arc<FixedClock>,
        keys: Keys,
    }

    fn world(kids: &[&str]) -> World {
        let parameters = Arc::new(MemoryParameters::default());
        ring_in(&parameters, "/crew/jwt", kids);
        let clock = Arc::new(FixedClock::at("2026-11-21T08:00:00Z"));
        let keys = Keys::new(parameters.clone(), clock.clone(), "/crew/jwt".parse().expect("a name"));
        World { parameters, clock, keys }
    }

    fn kid(text: &str) -> KeyId {
        text.parse().expect("a name")
    }

    #[tokio::test]
    async fn what_the_active_key_signs_its_public_half_verifies_and_no_other() {
        let world = world(&["one", "two"]);
        let (key, _) = world.keys.signing().await.expect("a key");
        assert_eq!(key.kid, kid("one"));
        let signature = key.sign(b"message").expect("a signature");
        let verifies = async |name, message: &[u8]| {
            let jwk = world.keys.public(&kid(name)).await.expect("a ring").expect("a key");
            let [n, e] = [jwk.n, jwk.e].map(|text| BASE64_URL_SAFE_NO_PAD.decode(text).expect("base64url"));
            RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, message, &signature).is_ok()
        };
        assert!(verifies("one", b"message").await);
        assert!(!verifies("one", b"massage").await);
        assert!(!verifies("two", b"message").await);
    }

    #[tokio::test]
    async fn a_thousand_unknown_keys_cause_one_read_each_thirty_seconds() {
        let world = world(&["one"]);
        world.keys.ring().await.expect("a ring");
        world.clock.advance(REFETCH_EVERY);
        for number in 0..1000 {
            assert_eq!(world.keys.public(&kid(&format!("k{number}"))).await, Ok(None));
        }
        assert_eq!(world.parameters.reads(), 2);
    }

    #[tokio::test]
    async fn a_new_key_is_found_after_thirty_seconds_and_a_retired_one_is_gone_after_five_minutes() {
        let world = world(&["one"]);
        assert!(world.keys.public(&kid("one")).await.expect("a ring").is_some());
        ring_in(&world.parameters, "/crew/jwt", &["two"]);
        world.clock.advance(SignedDuration::from_secs(29));
        assert_eq!(world.keys.public(&kid("two")).await, Ok(None));
        world.clock.advance(SignedDuration::from_secs(1));
        assert!(world.keys.public(&kid("two")).await.expect("a ring").is_some());
        assert_eq!(world.keys.signing().await.expect("a key").0.kid, kid("two"));

        ring_in(&world.parameters, "/crew/jwt", &["three"]);
        world.clock.advance(FRESH_FOR);
        assert_eq!(world.keys.public(&kid("two")).await, Ok(None));
    }

    #[tokio::test]
    async fn a_store_that_is_down_shuts_out_nobody_known_and_a_ring_that_is_gone_everybody() {
        let world = world(&["one"]);
        world.keys.ring().await.expect("a ring");
        world.parameters.set_down(true);
        world.clock.advance(FRESH_FOR);
        assert!(world.keys.public(&kid("one")).await.expect("a ring").is_some());
        world.parameters.set_down(false);
        world.parameters.remove("/crew/jwt/ring");
        world.clock.advance(FRESH_FOR);
        assert_eq!(world.keys.public(&kid("one")).await, Err(ParameterError::Missing));
    }

    #[tokio::test]
    async fn a_key_that_was_retired_in_an_emergency_keeps_nobody_from_signing() {
        let world = world(&["one"]);
        world.keys.ring().await.expect("a ring");
        world.parameters.remove("/crew/jwt/keys/one");
        ring_in(&world.parameters, "/crew/jwt", &["two"]);
        world.clock.advance(RETRY_EVERY);
        assert_eq!(world.keys.signing().await.expect("a key").0.kid, kid("two"));
    }

    #[test]
    fn what_is_no_pem_is_no_key() {
        for text in ["", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n*\n-----END PRIVATE KEY-----"] {
            assert!(pkcs8(text).is_none(), "{text}");
        }
    }
}
