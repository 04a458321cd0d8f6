//! Medical texts, encrypted with a key of their own.
//!
//! AES-256-GCM. The key is derived by HKDF-SHA-256 from a secret in Parameter Store whose version is kept beside
//! the ciphertext, so that a rotated secret still opens what an earlier one sealed. Sail and waiver are bound to
//! the text: moved to another waiver it does not open.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::WaiverId;
use crate::call_error::CallError;
use crate::config::ParameterName;
use crate::parameters::{ParameterError, Parameters};
use crate::random;
use crate::sail::EventId;

const SEALING: &str = "crew medical text 1";
const COMPARING: &str = "crew waiver digest 1";
/// A shorter secret can be guessed, so it counts as missing.
const SHORTEST_BYTES: usize = 32;

/// Seals and opens medical texts.
pub struct Seal {
    parameters: Arc<dyn Parameters>,
    name: ParameterName,
    secrets: Mutex<HashMap<u32, Arc<Keys>>>,
    latest: Mutex<Option<u32>>,
}

/// A text that nobody reads without the secret.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub struct Sealed {
    /// The version of the secret in Parameter Store.
    pub key_version: u32,
    /// Nonce, ciphertext and tag in base64.
    pub sealed: String,
}

struct Keys {
    version: u32,
    sealing: LessSafeKey,
    comparing: hmac::Key,
}

/// 32 bytes of key.
struct Bytes32;

impl KeyType for Bytes32 {
    fn len(&self) -> usize {
        32
    }
}

impl Seal {
    /// Nothing is read before the first use.
    pub fn new(parameters: Arc<dyn Parameters>, name: ParameterName) -> Self {
        Self { parameters, name, secrets: Mutex::default(), latest: Mutex::default() }
    }

    /// Seals a text for one waiver with the latest secret.
    pub async fn seal(&self, event_id: &EventId, waiver_id: &WaiverId, text: &[u8]) -> Result<Sealed, CallError> {
        let keys = self.latest().await?;
        let nonce: [u8; NONCE_LEN] = random::bytes()?;
        let mut bytes = text.to_vec();
        keys.sealing
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound(event_id, waiver_id)),
                &mut bytes,
            )
            .map_err(|_| failed("seal"))?;
        Ok(Sealed { key_version: keys.version, sealed: STANDARD.encode([nonce.as_slice(), &bytes].concat()) })
    }

    /// Opens what was sealed for this waiver.
    pub async fn open(&self, event_id: &EventId, waiver_id: &WaiverId, sealed: &Sealed) -> Result<Vec<u8>, CallError> {
        let keys = self.version(sealed.key_version).await?;
        let bytes = STANDARD.decode(&sealed.sealed).map_err(|_| failed("open"))?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE_LEN>().ok_or_else(|| failed("open"))?;
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let opened = keys.sealing.open_in_place(nonce, Aad::from(bound(event_id, waiver_id)), &mut text);
        Ok(opened.map_err(|_| failed("open"))?.to_vec())
    }

    /// A digest by which two submissions are compared, and from which nobody guesses what was written.
    pub async fn digest(&self, version: Option<u32>, bytes: &[u8]) -> Result<(u32, String), CallError> {
        let keys = match version {
            Some(version) => self.version(version).await?,
            None => self.latest().await?,
        };
        Ok((keys.version, hex::encode(hmac::sign(&keys.comparing, bytes))))
    }

    /// The keys of the version that was in use when this process first asked.
    async fn latest(&self) -> Result<Arc<Keys>, CallError> {
        let mut latest = self.latest.lock().await;
        if let Some(version) = *latest {
            return self.version(version).await;
        }
        let value = self.parameters.read_secret(&self.name).await.map_err(unread)?.current;
        let version = value.version();
        let keys = Arc::new(Keys::new(version, value.expose())?);
        self.secrets.lock().await.insert(version, keys.clone());
        *latest = Some(version);
        Ok(keys)
    }

    async fn version(&self, version: u32) -> Result<Arc<Keys>, CallError> {
        let mut secrets = self.secrets.lock().await;
        if let Some(keys) = secrets.get(&version) {
            return Ok(keys.clone());
        }
        let value = self.parameters.read_version(&self.name, version).await.map_err(unread)?;
        let keys = Arc::new(Keys::new(version, value.expose())?);
        secrets.insert(version, keys.clone());
        Ok(keys)
    }
}

impl Keys {
    fn new(version: u32, secret: &str) -> Result<Self, CallError> {
        if secret.len() < SHORTEST_BYTES {
            return Err(failed("a secret that is too short"));
        }
        let derive = |purpose: &str| {
            let mut key = [0_u8; 32];
            let random = Salt::new(HKDF_SHA256, b"ship captain crew").extract(secret.as_bytes());
            random.expand(&[purpose.as_bytes()], Bytes32).and_then(|out| out.fill(&mut key)).map(|()| key)
        };
        let sealing = derive(SEALING).and_then(|key| UnboundKey::new(&AES_256_GCM, &key));
        let comparing = derive(COMPARING).map_err(|_| failed("derive"))?;
        Ok(Self {
            version,
            sealing: LessSafeKey::new(sealing.map_err(|_| failed("derive"))?),
            comparing: hmac::Key::new(hmac::HMAC_SHA256, &comparing),
        })
    }
}

/// What a text is bound to. Neither key holds a line break.
fn bound(event_id: &EventId, waiver_id: &WaiverId) -> Vec<u8> {
    format!("{event_id}\n{waiver_id}").into_bytes()
}

fn failed(what: &'static str) -> CallError {
    CallError::odd_result("medical text", what)
}

fn unread(error: ParameterError) -> CallError {
    CallError::odd_result("GetParameter", error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::MemoryParameters;

    const NAME: &str = "/crew/medical";
    const OLD: &str = "an-old-secret-of-more-than-thirty-two-bytes";
    const NEW: &str = "a-new-secret-of-more-than-thirty-two-bytes";

    fn keys() -> (EventId, WaiverId) {
        let waiver_id = format!("guest-{}", "0".repeat(32)).parse().expect("a key");
        ("evening".parse().expect("a key"), waiver_id)
    }

    fn seal(parameters: &Arc<MemoryParameters>) -> Seal {
        Seal::new(parameters.clone(), NAME.parse().expect("a name"))
    }

    #[tokio::test]
    async fn a_text_opens_where_it_was_sealed_and_is_nowhere_in_the_clear() {
        let parameters = Arc::new(MemoryParameters::with(NAME, OLD));
        let (event, waiver) = keys();
        let sealed = seal(&parameters).seal(&event, &waiver, b"a stent, 2019").await.expect("sealed");
        let bytes = STANDARD.decode(&sealed.sealed).expect("base64");
        assert!(!bytes.windows(5).any(|part| part == b"stent"));
        assert_eq!(seal(&parameters).open(&event, &waiver, &sealed).await.expect("opened"), b"a stent, 2019");
        let again = seal(&parameters).seal(&event, &waiver, b"a stent, 2019").await.expect("sealed");
        assert_ne!(again.sealed, sealed.sealed);
    }

    #[tokio::test]
    async fn it_opens_for_no_other_waiver_and_not_when_changed() {
        let parameters = Arc::new(MemoryParameters::with(NAME, OLD));
        let (event, waiver) = keys();
        let seal = seal(&parameters);
        let sealed = seal.seal(&event, &waiver, b"a stent").await.expect("sealed");
        let other = format!("guest-{}", "1".repeat(32)).parse().expect("a key");
        assert!(seal.open(&event, &other, &sealed).await.is_err());
        assert!(seal.open(&"other".parse().expect("a key"), &waiver, &sealed).await.is_err());
        let mut bytes = STANDARD.decode(&sealed.sealed).expect("base64");
        *bytes.last_mut().expect("a tag") ^= 1;
        let changed = Sealed { sealed: STANDARD.encode(bytes), ..sealed };
        assert!(seal.open(&event, &waiver, &changed).await.is_err());
    }

    #[tokio::test]
    async fn a_rotated_secret_still_opens_what_an_earlier_one_sealed() {
        let parameters = Arc::new(MemoryParameters::with(NAME, OLD));
        let (event, waiver) = keys();
        let old = seal(&parameters).seal(&event, &waiver, b"a stent").await.expect("sealed");
        let digest = seal(&parameters).digest(None, b"form").await.expect("a digest");
        parameters.set(NAME, NEW);
        let rotated = seal(&parameters);
        let new = rotated.seal(&event, &waiver, b"a stent").await.expect("sealed");
        assert_eq!((old.key_version, new.key_version), (1, 2));
        assert_eq!(rotated.open(&event, &waiver, &old).await.expect("opened"), b"a stent");
        assert_eq!(rotated.digest(Some(1), b"form").await.expect("a digest"), digest);
        assert_ne!(rotated.digest(None, b"form").await.expect("a digest").1, digest.1);
    }

    #[tokio::test]
    async fn without_a_sound_secret_nothing_is_sealed() {
        let parameters = Arc::new(MemoryParameters::with(NAME, "short"));
        let (event, waiver) = keys();
        assert!(seal(&parameters).seal(&event, &waiver, b"a stent").await.is_err());
        parameters.remove(NAME);
        assert!(seal(&parameters).seal(&event, &waiver, b"a stent").await.is_err());
    }
}
