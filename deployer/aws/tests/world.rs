//! A local AWS of a test's own, and the examples made in it through the registry.

use std::collections::BTreeMap;
use std::io::{Cursor, Error, ErrorKind, Result as IoResult, Write as _};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use deployer_aws::client::Target;
use deployer_aws::{Artifacts, Cloud, resources};
use deployer_engine::address::Address;
use deployer_engine::diff::{Change, diff};
use deployer_engine::resource::{AnyKey, AnyResource, CloudError, Cx, LiveValue, Registry};
use deployer_engine::value::{OutputRef, finish, resolve};
use deployer_testbed::inventory::Api;
use deployer_testbed::{Emulator, Moto, Wire};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::examples::Example;

/// The account of the local AWS.
pub const ACCOUNT: &str = "000000000000";
/// The access key of somebody who may do everything.
const ADMIN: (&str, &str) = ("test", "test");
/// A zone that the account has.
const ZONE: &str = "example.com";
/// The region of the tests.
pub const REGION: &str = "us-west-2";

/// What the examples ship, by content.
#[derive(Default)]
pub struct Shipped(Mutex<BTreeMap<String, Bytes>>);

impl Shipped {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Bytes>> {
        self.0.lock().expect("no test panics while it holds what is shipped")
    }

    fn get(&self, digest: &str) -> IoResult<Bytes> {
        let found = self.lock().get(digest).cloned();
        found.ok_or_else(|| Error::new(ErrorKind::NotFound, digest.to_owned()))
    }

    /// Ships some bytes, and tells their SHA-256 in hex.
    pub fn ship(&self, content: impl Into<Bytes>) -> String {
        let content = content.into();
        let digest = Sha256::digest(&content);
        let mut kept = self.lock();
        kept.insert(BASE64_STANDARD.encode(digest), content.clone());
        kept.insert(hex::encode(digest), content);
        hex::encode(digest)
    }
}

impl Artifacts for Shipped {
    fn zip(&self, sha256_base64: &str) -> IoResult<Bytes> {
        self.get(sha256_base64)
    }
    fn manifest(&self, sha256_hex: &str) -> IoResult<Bytes> {
        self.get(sha256_hex)
    }
    fn keep_manifest(&self, sha256_hex: &str, text: &[u8]) -> IoResult<()> {
        self.lock().insert(sha256_hex.to_owned(), Bytes::copy_from_slice(text));
        Ok(())
    }
    fn file(&self, sha256_hex: &str) -> IoResult<Bytes> {
        self.get(sha256_hex)
    }
}

/// A zip with a `bootstrap` of that text.
pub fn zip_of(bootstrap: &str) -> Bytes {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("bootstrap", SimpleFileOptions::default().unix_permissions(0o755)).expect("memory takes it");
    zip.write_all(bootstrap.as_bytes()).expect("memory takes it");
    zip.finish().expect("memory takes it").into_inner().into()
}

/// The base64 SHA-256 that Lambda knows a zip by.
pub fn zip_sha256(zip: &[u8]) -> String {
    BASE64_STANDARD.encode(Sha256::digest(zip))
}

/// The local AWS, a wire to it, and what was made in it.
pub struct World {
    /// What went over the wire, and what spoils it.
    pub wire: Wire,
    /// The clients.
    pub cloud: Arc<Cloud>,
    /// Where somebody else calls, past the wire.
    pub endpoint: String,
    /// Every type.
    pub registry: Registry<Cloud>,
    outputs: BTreeMap<Address, Value>,
    _aws: Aws,
}

/// What answers; it ends with the world.
enum Aws {
    Ministack { _running: Emulator },
    Moto { _running: Moto },
}

impl World {
    /// An empty one.
    pub async fn start() -> Self {
        Self::of(Emulator::start().await, ADMIN).await
    }

    /// An empty one by other people, who know fewer services.
    pub async fn of_moto() -> Self {
        let moto = Moto::start(ACCOUNT).await;
        Self::at(moto.endpoint.clone(), Aws::Moto { _running: moto }, ADMIN).await
    }

    /// That of an emulator, as somebody with that access key.
    pub async fn of(emulator: Emulator, key: (impl Into<String>, impl Into<String>)) -> Self {
        Self::at(emulator.endpoint.clone(), Aws::Ministack { _running: emulator }, key).await
    }

    async fn at(endpoint: String, aws: Aws, key: (impl Into<String>, impl Into<String>)) -> Self {
        Api::new(&endpoint, REGION).make_zone(ZONE).await;
        let wire = Wire::start(&endpoint);
        let cloud = open_as(&wire.endpoint, Arc::new(crate::examples::shipped()), key).await;
        Self { wire, cloud: Arc::new(cloud), endpoint, registry: resources::all(), outputs: BTreeMap::new(), _aws: aws }
    }

    /// The type of an example.
    pub fn resource(&self, example: &Example) -> &dyn AnyResource<Cloud> {
        self.registry.get(example.type_name).unwrap_or_else(|| panic!("{} is not registered", example.type_name))
    }

    /// The inputs with what the made examples minted put in.
    pub fn known(&self, inputs: &Value) -> Value {
        resolve(inputs, &|found: &OutputRef| self.outputs.get(&found.address)?.get(&found.output).cloned())
    }

    /// Reads an example by its id, or, without one, by its identity rule.
    pub async fn read(&self, example: &Example, id: Option<String>) -> Result<Option<LiveValue>, CloudError> {
        let key = AnyKey { address: example.address.clone(), id, inputs: self.known(&example.inputs) };
        let mut found = self.resource(example).read_many(self.cx(), vec![key]).await?;
        assert_eq!(found.len(), 1, "{}: one key, one answer", example.type_name);
        Ok(found.remove(0))
    }

    /// Makes an example so, and keeps what it mints for those that refer to it.
    pub async fn reconcile(
        &mut self,
        example: &Example,
        inputs: &Value,
        prior: Option<&Value>,
        live: Option<LiveValue>,
    ) -> Result<LiveValue, CloudError> {
        let wanted = finish(&self.known(inputs));
        let prior = prior.map(|each| finish(&self.known(each)));
        let made = self.resource(example).reconcile(self.cx(), wanted, prior, live).await?;
        self.outputs.insert(example.address.clone(), made.outputs.clone());
        Ok(made)
    }

    /// Deletes it.
    pub async fn delete(&self, example: &Example, live: LiveValue) -> Result<(), CloudError> {
        self.resource(example).delete(self.cx(), live).await
    }

    /// What a plan would show for an example that lives so.
    pub fn changes(&self, inputs: &Value, prior: Option<&Value>, live: &LiveValue) -> Vec<Change> {
        diff(&self.known(inputs), prior.map(|each| self.known(each)).as_ref(), &live.inputs)
    }

    fn cx(&self) -> Cx<Cloud> {
        Cx::new(Arc::clone(&self.cloud))
    }
}

/// A cloud at an endpoint, for whom everything is allowed.
pub async fn open(endpoint: &str, artifacts: Arc<dyn Artifacts>) -> Cloud {
    open_as(endpoint, artifacts, ADMIN).await
}

async fn open_as(
    endpoint: &str,
    artifacts: Arc<dyn Artifacts>,
    (id, secret): (impl Into<String>, impl Into<String>),
) -> Cloud {
    let target = Target {
        region: REGION.to_owned(),
        account: ACCOUNT.to_owned(),
        endpoint: Some(endpoint.to_owned()),
        credentials: Some((id.into(), secret.into())),
        ..Target::default()
    };
    Cloud::open(target, artifacts).await
}
