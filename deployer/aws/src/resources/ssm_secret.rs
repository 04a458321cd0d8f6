//! Random values that nobody writes down: SSM SecureStrings made here and never read back.

use aws_sdk_ssm::types::{Parameter, ParameterTier, ParameterType};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use deployer_engine::resource::{CloudError, Cx, ErrorClass, Identity, Key, Live, Owner, Resource};
use deployer_engine::secret::Secret;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::Cloud;
use crate::listing;
use crate::naming::{Tags, are_ours, tag_changes, taken};
use crate::parameters::{self, EXISTS, Expected, change_tags, just_deleted, sdk_tags};

/// The tag that keeps how long a generated value is: the parameter itself does not tell.
const BYTES_TAG: &str = "deployer:bytes";
/// How many bytes a value has where nothing is said: as many as SHA-256.
const DEFAULT_BYTES: u16 = 32;

/// A SecureString, encrypted with the account's own key for SSM, that holds random bytes as base64url.
///
/// The value is made when there is no parameter, and never again: an object that is there is left as
/// it is. Read budget as for [`super::ssm_parameter::SsmParameter`]; a read never decrypts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SsmSecret {
    /// Its name: a path such as `/shipcaptaincrew/prod/secret/origin`.
    pub name: String,
    /// How many random bytes a value is made of, 16 to 256. A change holds for the next value; it is kept in a tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u16>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What AWS mints for a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretOutputs {
    /// The version of the parameter as decimal text: it changes when the value does.
    pub generation: String,
}

/// The outputs of a parameter that holds a secret.
pub fn outputs(version: i64) -> SecretOutputs {
    SecretOutputs { generation: version.to_string() }
}

/// Whether a parameter is a SecureString.
pub fn is_secure(parameter: &Parameter) -> bool {
    parameter.r#type == Some(ParameterType::SecureString)
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
    let (mut found, tags) = futures::try_join!(parameters::read(cloud, &names), parameters::tags(cloud, &expected))?;
    let live = names.into_iter().zip(tags).map(|(name, tags)| {
        let parameter = found.remove(name).filter(is_secure)?;
        let mut tags = tags.unwrap_or_default();
        let bytes = tags.remove(BYTES_TAG).and_then(|text| text.parse().ok());
        Some(Live {
            id: name.to_owned(),
            inputs: SsmSecret { name: name.to_owned(), bytes, tags },
            outputs: outputs(parameter.version),
        })
    });
    Ok(live.collect())
}

/// A new value. It leaves only in the one call that stores it.
fn generate(bytes: u16) -> Result<Secret<String>, CloudError> {
    let mut random = Zeroizing::new(vec![0_u8; usize::from(bytes)]);
    getrandom::fill(&mut random)
        .map_err(|error| CloudError::inputs("", format!("this machine has no random numbers: {error}")))?;
    Ok(Secret::new(BASE64_URL_SAFE_NO_PAD.encode(&*random)))
}

impl SsmSecret {
    fn every_tag(&self) -> Tags {
        let bytes = self.bytes.map(|bytes| (BYTES_TAG.to_owned(), bytes.to_string()));
        self.tags.clone().into_iter().chain(bytes).collect()
    }

    /// Makes a value and stores it; `None`: there is a parameter already, whose value stays.
    async fn create(&self, cloud: &Cloud) -> Result<Option<i64>, CloudError> {
        let value = generate(self.bytes.unwrap_or(DEFAULT_BYTES))?;
        let request = cloud
            .ssm()
            .put_parameter()
            .name(&self.name)
            .r#type(ParameterType::SecureString)
            .value(value.reveal())
            .overwrite(false);
        let request = request.tier(ParameterTier::Standard).set_tags(Some(sdk_tags(&self.every_tag())));
        Ok(cloud.find("ssm:PutParameter", &self.name, EXISTS, request.send()).await?.map(|each| each.version))
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
    const STABLE: &'static [&'static str] = &["generation"];
    const ACTIONS: &'static [&'static str] = &[
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
                Some(version) => outputs(version),
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
        let key = |name| Key { id: None, inputs: Self { name, bytes: None, tags: Tags::new() } };
        let keys: Vec<_> = listing::parameters(cx, owner, true).await?.into_iter().map(key).collect();
        Ok(read(&cx.cloud, &keys).await?.into_iter().flatten().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_has_the_asked_length_and_no_two_are_equal() {
        let (one, other) = (generate(32).ok().unwrap(), generate(32).ok().unwrap());
        assert_eq!(BASE64_URL_SAFE_NO_PAD.decode(one.reveal()).unwrap().len(), 32);
        assert!(one.reveal() != other.reveal(), "two values are equal");
    }
}
