//! Rings of keys that sign tokens: SSM parameters below one name, a SecureString a private key, and a document.

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Resource};
use serde::{Deserialize, Serialize};

use super::ssm_secret::{SecretOutputs, outputs};
use crate::Cloud;
use crate::client::all_of;
use crate::naming::{Tags, are_ours, tag_changes, taken};
use crate::parameters::{self, EXISTS, Expected, change_tags, just_deleted, sdk_tags};
use crate::ring::{Document, NewKey, new_key};

/// A ring of RS256 keys. `<name>/ring` is its document, a String; `<name>/keys/<kid>` are its private keys.
///
/// The first key is made when there is no ring; no private key is ever read back. A private key is stored before
/// the document that names it, so that whoever reads the document finds it. One that no document names, left by a
/// run that was cut off, goes with the ring.
///
/// Read budget: a GetParametersByPath call a ring, and for the tags a ListTagsForResource call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rs256Ring {
    /// The name that all its parameters begin with: a path such as `/shipcaptaincrew/prod/secret/jwt`.
    pub name: String,
    /// How long a token lives, in seconds.
    pub token_ttl_seconds: u32,
    /// How long others may keep the public keys, in seconds.
    pub jwks_cache_seconds: u32,
    /// Whether the private key that signs is in place: always wanted.
    pub signs: bool,
    /// The tags of each of its parameters.
    #[serde(default)]
    pub tags: Tags,
}

/// What is below a ring's name.
struct Found {
    /// The version of the document.
    version: i64,
    document: Document,
    /// The names of the private keys.
    keys: Vec<String>,
}

/// The name of the document.
fn document_name(name: &str) -> String {
    format!("{name}/ring")
}

fn key_name(name: &str, kid: &str) -> String {
    format!("{name}/keys/{kid}")
}

/// The names below a ring's name, and its document when there is one that can be read.
async fn list(cloud: &Cloud, name: &str) -> Result<(Vec<String>, Option<Found>), CloudError> {
    let mut all = Vec::new();
    let mut next = None;
    loop {
        let request = cloud.ssm().get_parameters_by_path().path(name).recursive(true).with_decryption(false);
        let page = cloud.call("ssm:GetParametersByPath", name, request.set_next_token(next).send()).await?;
        all.extend(page.parameters.unwrap_or_default());
        next = page.next_token;
        if next.is_none() {
            break;
        }
    }
    let names: Vec<String> = all.iter().filter_map(|each| each.name.clone()).collect();
    let ring = all.into_iter().find(|each| each.name.as_deref() == Some(&document_name(name)));
    let found = ring.and_then(|ring| {
        let document = serde_json::from_str(ring.value.as_deref()?).ok()?;
        let keys = names.iter().filter(|each| each.starts_with(&key_name(name, ""))).cloned().collect();
        Some(Found { version: ring.version, document, keys })
    });
    Ok((names, found))
}

async fn read(cloud: &Cloud, key: &Key<Rs256Ring>) -> Result<Option<Live<Rs256Ring>>, CloudError> {
    let name = &key.inputs.name;
    let document = document_name(name);
    let expected = [Expected { name: &document, tags: &key.inputs.tags, recorded: key.id.is_some() }];
    let ((_, found), mut tags) = futures::try_join!(list(cloud, name), parameters::tags(cloud, &expected))?;
    Ok(found.map(|found| Live {
        id: name.clone(),
        inputs: Rs256Ring {
            name: name.clone(),
            token_ttl_seconds: found.document.token_ttl_seconds,
            jwks_cache_seconds: found.document.jwks_cache_seconds,
            signs: found.signs(name),
            tags: tags.pop().flatten().unwrap_or_default(),
        },
        outputs: outputs(found.version),
    }))
}

impl Found {
    fn signs(&self, name: &str) -> bool {
        self.keys.contains(&key_name(name, &self.document.active))
    }
}

impl Rs256Ring {
    /// Makes a key and stores its private half.
    async fn add_key(&self, cloud: &Cloud) -> Result<NewKey, CloudError> {
        let key = new_key()
            .ok_or_else(|| CloudError::inputs(&self.name, "this machine has no random numbers, and so no key"))?;
        let name = key_name(&self.name, &key.public.kid);
        let request = cloud.ssm().put_parameter().name(&name).r#type(ParameterType::SecureString);
        let request = request.value(key.private.reveal()).overwrite(false).tier(ParameterTier::Standard);
        cloud.call("ssm:PutParameter", &name, request.set_tags(Some(sdk_tags(&self.tags))).send()).await?;
        Ok(key)
    }

    /// Writes the document, and tells its version; `None`: there is one, and none was expected.
    async fn put(&self, cloud: &Cloud, document: &Document, overwrite: bool) -> Result<Option<i64>, CloudError> {
        let name = document_name(&self.name);
        let text = serde_json::to_string(document).map_err(|error| CloudError::inputs(&name, error.to_string()))?;
        let request = cloud.ssm().put_parameter().name(&name).value(text).r#type(ParameterType::String);
        let request = match overwrite {
            true => request.overwrite(true),
            // AWS takes tags only with a parameter that is new.
            false => request.overwrite(false).tier(ParameterTier::Standard).set_tags(Some(sdk_tags(&self.tags))),
        };
        Ok(cloud.find("ssm:PutParameter", &name, EXISTS, request.send()).await?.map(|put| put.version))
    }

    async fn create(&self, cloud: &Cloud) -> Result<i64, CloudError> {
        let key = self.add_key(cloud).await?;
        let document = Document::new(key.public, self.token_ttl_seconds, self.jwks_cache_seconds);
        self.put(cloud, &document, false).await?.ok_or_else(|| just_deleted(&document_name(&self.name)))
    }

    /// Makes what is there as wanted, and tells the version of its document.
    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self, found: Found) -> Result<i64, CloudError> {
        let mut document = found.document.clone();
        if !found.signs(&self.name) {
            document = document.with_active(self.add_key(cloud).await?.public);
        }
        document.token_ttl_seconds = self.token_ttl_seconds;
        document.jwks_cache_seconds = self.jwks_cache_seconds;
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        let tagged = found.keys.iter().cloned().chain([document_name(&self.name)]);
        let tag = async |name: String| change_tags(cloud, &name, (write.clone(), remove.clone())).await;
        all_of(tagged.map(tag).collect()).await?;
        if document == found.document {
            return Ok(found.version);
        }
        Ok(self.put(cloud, &document, true).await?.unwrap_or(found.version))
    }
}

impl Resource for Rs256Ring {
    const TYPE: &'static str = "rs256_ring";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("name", "ssm:PutParameter.Name")];
    const ACTIONS: &'static [&'static str] = &[
        "ssm:AddTagsToResource",
        "ssm:DeleteParameter",
        "ssm:GetParametersByPath",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
        "ssm:RemoveTagsFromResource",
    ];
    type Outputs = SecretOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(&cx.cloud, key)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let before = match live {
            Some(live) => Some(live.clone()),
            None => read(&cx.cloud, &Key { id: None, inputs: self.clone() }).await?,
        };
        if live.is_none() && before.as_ref().is_some_and(|found| !are_ours(&self.tags, &found.inputs.tags)) {
            return Err(taken("ssm:PutParameter", &document_name(&self.name)));
        }
        let version = match (before, list(&cx.cloud, &self.name).await?.1) {
            (Some(before), Some(found)) => self.update(&cx.cloud, prior, &before.inputs, found).await?,
            _ => self.create(&cx.cloud).await?,
        };
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: outputs(version) })
    }

    /// The document goes last: a run that is cut off finds the rest by it.
    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let name = &live.inputs.name;
        let (names, _) = list(&cx.cloud, name).await?;
        let keys = names.iter().filter(|each| each.starts_with(&key_name(name, "")));
        all_of(keys.map(|each| parameters::delete(&cx.cloud, each)).collect()).await?;
        parameters::delete(&cx.cloud, &document_name(name)).await
    }
}
