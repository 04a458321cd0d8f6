//! Random values that nobody writes down: SSM SecureStrings made here and never read back.

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::listing;
use crate::naming::{Tags, are_ours, tag_changes, taken};
use crate::parameters::{self, EXISTS, Expected, change_tags, just_deleted, sdk_tags};
use crate::values::{Alphabet, DEFAULT_BYTES, generate};
use crate::versions::{SecretOutputs, in_use, made_at, outputs};

/// The tags that keep how a value is made: the parameter itself does not tell.
const BYTES_TAG: &str = "deployer:bytes";
const ALPHABET_TAG: &str = "deployer:alphabet";
/// The tag that keeps which KMS key encrypts the next value.
pub const KEY_TAG: &str = "deployer:key";

/// A SecureString that holds random bytes as text.
///
/// The value is made when there is no parameter, and never again: an object that is there is left as
/// it is, and only a rotation makes another. How values are made holds for the next one; it is kept in tags. Read budget:
/// two GetParameters calls for ten, and tags as for [`super::ssm_parameter::SsmParameter`]; a read never decrypts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SsmSecret {
    /// Its name: a path such as `/shipcaptaincrew/prod/secret/origin`.
    pub name: String,
    /// How many random bytes a value is made of, 16 to 256. Absent: 32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u16>,
    /// How they are written. Absent: base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alphabet: Option<Alphabet>,
    /// The ARN of the KMS key that encrypts a value. Absent: the account's own key for SSM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

async fn read(cloud: &Cloud, keys: &[Key<SsmSecret>]) -> Result<Vec<Option<Live<SsmSecret>>>, CloudError> {
    let names: Vec<_> = keys.iter().map(|key| key.inputs.name.as_str()).collect();
    let every_tag: Vec<_> = keys.iter().map(|key| key.inputs.every_tag()).collect();
    let expected = keys.iter().zip(&every_tag).map(|(key, tags)| Expected {
        name: &key.inputs.name,
        tags,
        recorded: key.id.is_some(),
    });
    let expected: Vec<_> = expected.collect();
    let (found, tags) = parameters::with_tags(cloud, in_use(cloud, &names), &expected).await?;
    let live = names.into_iter().map(|name| {
        let version = *found.get(name)?;
        let mut tags = tags.get(name).cloned().unwrap_or_default();
        let inputs = SsmSecret {
            name: name.to_owned(),
            bytes: tags.remove(BYTES_TAG).and_then(|text| text.parse().ok()),
            alphabet: tags.remove(ALPHABET_TAG).and_then(|word| Alphabet::of(&word)),
            key: tags.remove(KEY_TAG),
            tags,
        };
        Some(Live { id: name.to_owned(), inputs, outputs: outputs(version.number, Some(version.at)) })
    });
    Ok(live.collect())
}

impl SsmSecret {
    /// Its tags, and those that keep how a value is made.
    pub fn every_tag(&self) -> Tags {
        let own = [
            (BYTES_TAG, self.bytes.map(|bytes| bytes.to_string())),
            (ALPHABET_TAG, self.alphabet.map(|alphabet| alphabet.word().to_owned())),
            (KEY_TAG, self.key.clone()),
        ];
        let own = own.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
        self.tags.clone().into_iter().chain(own).collect()
    }

    /// Makes a value and stores it; `None`: there is a parameter already, whose value stays.
    async fn create(&self, cloud: &Cloud) -> Result<Option<i64>, CloudError> {
        self.put(cloud, Some(sdk_tags(&self.every_tag()))).await
    }

    /// Makes another value, stores it as a new version, and tells its number.
    pub(super) async fn add_version(&self, cloud: &Cloud) -> Result<i64, CloudError> {
        let missing = || CloudError::not_yet("ssm:PutParameter", &self.name, "the parameter is being deleted");
        self.put(cloud, None).await?.ok_or_else(missing)
    }

    /// Stores a new value: with tags in a new parameter, which AWS tags alone, else over the present one.
    async fn put(&self, cloud: &Cloud, tags: Option<Vec<aws_sdk_ssm::types::Tag>>) -> Result<Option<i64>, CloudError> {
        let value = generate(self.bytes.unwrap_or(DEFAULT_BYTES), self.alphabet.unwrap_or_default())?;
        let request = cloud.ssm().put_parameter().name(&self.name).r#type(ParameterType::SecureString);
        let request = request.value(value.reveal()).overwrite(tags.is_none()).set_tags(tags);
        let request = request.tier(ParameterTier::Standard).set_key_id(self.key.clone());
        Ok(cloud.find("ssm:PutParameter", &self.name, EXISTS, request.send()).await?.map(|each| each.version))
    }

    /// The outputs of the version that was just made: only a read tells when.
    async fn made(&self, cloud: &Cloud, version: i64) -> Result<SecretOutputs, CloudError> {
        let found = parameters::read(cloud, &[&self.name]).await?;
        let found = found.get(&self.name).filter(|found| found.version == version);
        Ok(outputs(version, found.and_then(made_at)))
    }

    async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let prior = prior.map(Self::every_tag);
        change_tags(cloud, &self.name, tag_changes(&self.every_tag(), prior.as_ref(), &live.every_tag())).await
    }

    /// The parameter that kept a new one from being made, when it is ours.
    async fn found(&self, cloud: &Cloud) -> Result<Live<Self>, CloudError> {
        let operation = "ssm:PutParameter";
        if let Some(found) = read(cloud, &[Key { id: None, inputs: self.clone() }]).await?.pop().flatten() {
            return if are_ours(&self.tags, &found.inputs.tags) {
                Ok(found)
            } else {
                Err(taken(operation, &self.name))
            };
        }
        if parameters::read(cloud, &[&self.name]).await?.is_empty() {
            return Err(just_deleted(&self.name));
        }
        let what = "a parameter of this name exists and is no SecureString, so that anybody may read it: remove it, or pin another name";
        Err(CloudError::new(ErrorClass::Refused, operation, &self.name, "not-secure", what))
    }
}

impl Resource for SsmSecret {
    const TYPE: &'static str = "ssm_secret";
    const IDENTITY: Identity = Identity::Name;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[("name", "ssm:PutParameter.Name")];
    const STABLE: &'static [&'static str] = &["generation", "created_at"];
    const ACTIONS: &'static [&'static str] = &[
        "kms:Decrypt",
        "kms:Encrypt",
        "ssm:AddTagsToResource",
        "ssm:DeleteParameter",
        "ssm:DescribeParameters",
        "ssm:GetParameters",
        "ssm:ListTagsForResource",
        "ssm:PutParameter",
        "ssm:RemoveTagsFromResource",
    ];
    type Outputs = SecretOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        read(&cx.cloud, keys).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let outputs = match live {
            Some(live) => {
                self.update(&cx.cloud, prior, &live.inputs).await?;
                live.outputs.clone()
            }
            None => match self.create(&cx.cloud).await? {
                Some(version) => self.made(&cx.cloud, version).await?,
                None => {
                    let found = self.found(&cx.cloud).await?;
                    self.update(&cx.cloud, prior, &found.inputs).await?;
                    found.outputs
                }
            },
        };
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        parameters::delete(&cx.cloud, &live.inputs.name).await
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let key =
            |name| Key { id: None, inputs: Self { name, bytes: None, alphabet: None, key: None, tags: Tags::new() } };
        let keys: Vec<_> = listing::parameters(cx, owner, true).await?.into_iter().map(key).collect();
        Ok(read(&cx.cloud, &keys).await?.into_iter().flatten().collect())
    }
}
