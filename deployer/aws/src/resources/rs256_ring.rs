//! Rings of keys that sign tokens: SSM parameters below one name, a SecureString a private key, and a document.

mod store;

use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Resource};
use serde::{Deserialize, Serialize};

use super::ssm_secret::KEY_TAG;
use crate::Cloud;
use crate::client::all_of;
use crate::naming::{Tags, are_ours, tag_changes, taken};
use crate::parameters::{self, Expected, change_tags, just_deleted};
use crate::ring::{Document, Phase};
use crate::secrets::now;
use crate::versions::{SecretOutputs, outputs};

use store::private_keys;
pub use store::{Found, document_name, key_name, list};

/// A ring of RS256 keys. `<name>/ring` is its document, a String; `<name>/keys/<kid>` are its private keys.
///
/// The first key is made when there is no ring; no private key is ever read back. A private key is stored before
/// the document that names it, so that whoever reads the document finds it. A run that is cut off between the two
/// leaves a ring without a document, which does not sign: the next one makes it anew, or takes it away.
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
    /// The ARN of the KMS key that encrypts private keys, for those that are made from now on; it is kept in a tag of the
    /// document. Absent: the account's own key for SSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The tags of each of its parameters.
    #[serde(default)]
    pub tags: Tags,
}

async fn read(cloud: &Cloud, key: &Key<Rs256Ring>) -> Result<Option<Live<Rs256Ring>>, CloudError> {
    let name = &key.inputs.name;
    let document = document_name(name);
    let every_tag = key.inputs.every_tag();
    let expected = [Expected { name: &document, tags: &every_tag, recorded: key.id.is_some() }];
    let ((names, found), mut tags) = futures::try_join!(list(cloud, name), parameters::tags(cloud, &expected))?;
    let Some(found) = found else { return half_made(cloud, key, &names).await };
    let mut tags = tags.pop().flatten().unwrap_or_default();
    Ok(Some(Live {
        id: name.clone(),
        inputs: Rs256Ring {
            name: name.clone(),
            token_ttl_seconds: found.document.token_ttl_seconds,
            jwks_cache_seconds: found.document.jwks_cache_seconds,
            signs: found.signs(name),
            key: tags.remove(KEY_TAG),
            tags,
        },
        outputs: outputs(found.version, found.document.made_at()),
    }))
}

/// A ring whose first key is there and whose document is not. The key has the tags of all.
async fn half_made(
    cloud: &Cloud,
    key: &Key<Rs256Ring>,
    names: &[String],
) -> Result<Option<Live<Rs256Ring>>, CloudError> {
    let name = &key.inputs.name;
    let Some(private) = private_keys(name, names).next() else { return Ok(None) };
    let every_tag = key.inputs.every_tag();
    let mut tags = parameters::tags(cloud, &[Expected { name: private, tags: &every_tag, recorded: false }]).await?;
    let mut tags = tags.pop().flatten().unwrap_or_default();
    let inputs = Rs256Ring {
        name: name.clone(),
        token_ttl_seconds: 0,
        jwks_cache_seconds: 0,
        signs: false,
        key: tags.remove(KEY_TAG),
        tags,
    };
    Ok(Some(Live { id: name.clone(), inputs, outputs: outputs(0, None) }))
}

impl Rs256Ring {
    fn every_tag(&self) -> Tags {
        let key = self.key.clone().map(|key| (KEY_TAG.to_owned(), key));
        self.tags.clone().into_iter().chain(key).collect()
    }

    async fn create(&self, cloud: &Cloud) -> Result<SecretOutputs, CloudError> {
        let key = self.add_key(cloud, now(), Phase::Active).await?;
        let document = Document::new(key.public, self.token_ttl_seconds, self.jwks_cache_seconds);
        let version = self.put(cloud, &document, false).await?;
        Ok(outputs(version.ok_or_else(|| just_deleted(&document_name(&self.name)))?, document.made_at()))
    }

    /// Makes what is there as wanted.
    async fn update(
        &self,
        cloud: &Cloud,
        prior: Option<&Self>,
        live: &Self,
        found: Found,
    ) -> Result<SecretOutputs, CloudError> {
        let mut document = found.document.clone();
        if !found.signs(&self.name) {
            document = document.with_active(self.add_key(cloud, now(), Phase::Active).await?.public);
        }
        document = document.with_terms(self.token_ttl_seconds, self.jwks_cache_seconds, now());
        let (write, remove) = tag_changes(&self.every_tag(), prior.map(Self::every_tag).as_ref(), &live.every_tag());
        let tag = async |name: String| change_tags(cloud, &name, (write.clone(), remove.clone())).await;
        // The document goes last: its tags are read for those of all.
        all_of(found.keys.iter().cloned().map(tag).collect()).await?;
        tag(document_name(&self.name)).await?;
        let version = match document == found.document {
            true => found.version,
            false => self.put(cloud, &document, true).await?.unwrap_or(found.version),
        };
        Ok(outputs(version, document.made_at()))
    }
}

/// Deletes the private keys among the names below a ring's.
async fn delete_keys(cloud: &Cloud, name: &str, names: &[String]) -> Result<(), CloudError> {
    all_of(private_keys(name, names).map(|each| parameters::delete(cloud, each)).collect()).await.map(drop)
}

impl Resource for Rs256Ring {
    const TYPE: &'static str = "rs256_ring";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("name", "ssm:PutParameter.Name")];
    const ACTIONS: &'static [&'static str] = &[
        "kms:Encrypt",
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
        let (names, found) = list(&cx.cloud, &self.name).await?;
        if found.is_none() {
            // Left by a run that was cut off before it wrote the document: nobody knows them.
            delete_keys(&cx.cloud, &self.name, &names).await?;
        }
        let outputs = match (before, found) {
            (Some(before), Some(found)) => self.update(&cx.cloud, prior, &before.inputs, found).await?,
            _ => self.create(&cx.cloud).await?,
        };
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs })
    }

    /// The document goes last: a run that is cut off finds the rest by it.
    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let name = &live.inputs.name;
        let (names, _) = list(&cx.cloud, name).await?;
        delete_keys(&cx.cloud, name, &names).await?;
        parameters::delete(&cx.cloud, &document_name(name)).await
    }
}
