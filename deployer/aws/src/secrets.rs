//! Declared secrets as they stand on AWS: how old, where in a rotation, changed by whom; and the values, for the two
//! commands that move one.

use std::collections::BTreeMap;
use std::time::SystemTime;

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use deployer_engine::resource::{CloudError, ErrorClass};
use deployer_engine::secret::Secret;

use crate::Cloud;
use crate::client::all_of;
use crate::kinds::secret::{DeclaredSecret, SecretKind};
use crate::naming::Tags;
use crate::parameters::{self, EXISTS, Expected, MAX_VALUE_BYTES};
use crate::resources::rs256_ring::{document_name, list};
use crate::resources::secret_turn::{ACTIVATED_TAG, PUBLISHED_TAG};
use crate::ring::Document;
use crate::rotation::{Promised, Stage};
use crate::versions::{self, TurnTimes};

/// The present time, in epoch seconds.
pub fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// A secret as it stands on AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The version of the value in use; of a ring that of its document.
    pub version: i64,
    /// Where its rotation stands.
    pub stage: Stage,
    /// Who changed it last: an ARN; absent where AWS does not tell.
    pub changed_by: Option<String>,
    /// Whether a run that was cut off left private keys behind that no document names.
    pub left_over: bool,
    /// What the document of a ring promises; `None`: it is no ring.
    pub promised: Option<Promised>,
    /// Whether whoever lists parameters may read it: it is a String and no SecureString.
    pub plaintext: bool,
}

/// How each of these secrets stands, in their order; `None` where it is not there. Nothing is decrypted.
pub async fn standings(cloud: &Cloud, secrets: &[DeclaredSecret]) -> Result<Vec<Option<Standing>>, CloudError> {
    let is_ring = |secret: &&DeclaredSecret| secret.kind == SecretKind::Rs256Ring;
    let values: Vec<_> = secrets.iter().filter(|each| !is_ring(each)).map(|each| each.name.as_str()).collect();
    let rings = secrets.iter().filter(is_ring).map(|each| each.name.as_str());
    let ring = async |name: &str| Ok((name.to_owned(), list(cloud, name).await?.1));
    let documents: Vec<String> = secrets.iter().filter(is_ring).map(|each| document_name(&each.name)).collect();
    let all: Vec<&str> = values.iter().copied().chain(documents.iter().map(String::as_str)).collect();
    let (versions, rings, changers) = futures::try_join!(
        versions::read(cloud, &values),
        all_of(rings.map(ring).collect()),
        parameters::changers(cloud, &all),
    )?;
    let rings: BTreeMap<_, _> = rings.into_iter().collect();
    let times = turn_times(cloud, &versions).await?;
    let of = |secret: &DeclaredSecret| match secret.kind {
        SecretKind::Rs256Ring => {
            let found = rings.get(&secret.name)?.as_ref()?;
            let changed_by = changers.get(&document_name(&secret.name)).cloned();
            let left_over = !found.strays(&secret.name).is_empty();
            let (version, stage, promised) = (found.version, found.document.stage(), Some(found.document.promised()));
            Some(Standing { version, stage, changed_by, left_over, promised, plaintext: false })
        }
        SecretKind::Random | SecretKind::External => {
            let found = versions.get(&secret.name)?;
            let (version, plaintext) = (found.current().number, !found.secure);
            let stage = found.stage(times.get(&secret.name).copied().unwrap_or_default());
            let changed_by = changers.get(&secret.name).cloned();
            Some(Standing { version, stage, changed_by, left_over: false, promised: None, plaintext })
        }
    };
    Ok(secrets.iter().map(of).collect())
}

/// Where the rotation of each of these secrets stands, in their order; `None` where it is not there. Read budget: four
/// GetParameters calls for ten values, one for ten rings, and for each value that is being rotated a ListTagsForResource call.
pub async fn stages(cloud: &Cloud, secrets: &[DeclaredSecret]) -> Result<Vec<Option<Stage>>, CloudError> {
    let is_ring = |secret: &&DeclaredSecret| secret.kind == SecretKind::Rs256Ring;
    let values: Vec<_> = secrets.iter().filter(|each| !is_ring(each)).map(|each| each.name.as_str()).collect();
    let documents: Vec<String> = secrets.iter().filter(is_ring).map(|each| document_name(&each.name)).collect();
    let documents: Vec<&str> = documents.iter().map(String::as_str).collect();
    let (versions, documents) =
        futures::try_join!(versions::read(cloud, &values), parameters::read(cloud, &documents))?;
    let times = turn_times(cloud, &versions).await?;
    let of = |secret: &DeclaredSecret| match secret.kind {
        SecretKind::Rs256Ring => {
            let text = documents.get(&document_name(&secret.name))?.value.as_deref()?;
            serde_json::from_str::<Document>(text).ok().map(|document| document.stage())
        }
        SecretKind::Random | SecretKind::External => {
            Some(versions.get(&secret.name)?.stage(times.get(&secret.name).copied().unwrap_or_default()))
        }
    };
    Ok(secrets.iter().map(of).collect())
}

/// When the turns were made of each value that is being rotated, by name.
async fn turn_times(
    cloud: &Cloud,
    found: &BTreeMap<String, versions::Versions>,
) -> Result<BTreeMap<String, TurnTimes>, CloudError> {
    let steady = |each: &versions::Versions| matches!(each.stage(TurnTimes::default()), Stage::Steady { .. });
    let names: Vec<&str> = found.iter().filter(|(_, each)| !steady(each)).map(|(name, _)| name.as_str()).collect();
    let none = Tags::new();
    let expected: Vec<_> = names.iter().map(|name| Expected { name, tags: &none, recorded: false }).collect();
    let tags = parameters::tags(cloud, &expected).await?;
    let told = names.iter().zip(tags).filter_map(|(name, tags)| {
        let tags = tags?;
        let at = |tag: &str| tags.get(tag)?.parse().ok();
        Some(((*name).to_owned(), TurnTimes { published: at(PUBLISHED_TAG), activated: at(ACTIVATED_TAG) }))
    });
    Ok(told.collect())
}

/// Puts a value that a person gives in place, and tells its version. `is_there` is whether there was one before, so that the
/// value goes out in one call; a parameter that is new gets the secret's tags.
pub async fn set(
    cloud: &Cloud,
    secret: &DeclaredSecret,
    value: &Secret<String>,
    is_there: bool,
) -> Result<i64, CloudError> {
    let name = &secret.name;
    if value.reveal().is_empty() || value.reveal().len() > MAX_VALUE_BYTES {
        let what = format!("a value has 1 to {MAX_VALUE_BYTES} bytes, this one has {}", value.reveal().len());
        return Err(CloudError::inputs(name, what));
    }
    let request = || {
        let request = cloud.ssm().put_parameter().name(name).r#type(ParameterType::SecureString).value(value.reveal());
        request.tier(ParameterTier::Standard).set_key_id(secret.key.clone())
    };
    if !is_there {
        // AWS takes tags only with a parameter that is new.
        let first = request().overwrite(false).set_tags(Some(parameters::sdk_tags(&secret.tags))).send();
        if let Some(made) = cloud.find("ssm:PutParameter", name, EXISTS, first).await? {
            return Ok(made.version);
        }
    }
    Ok(cloud.call("ssm:PutParameter", name, request().overwrite(true).send()).await?.version)
}

/// The value in use.
pub async fn reveal(cloud: &Cloud, name: &str) -> Result<Secret<String>, CloudError> {
    let labelled = format!("{name}:{}", versions::CURRENT);
    let request = |name: &str| cloud.ssm().get_parameter().name(name).with_decryption(true).send();
    let none = ["ParameterVersionNotFound"];
    let answer = match cloud.find("ssm:GetParameter", name, &none, request(&labelled)).await? {
        Some(answer) => answer,
        None => cloud.call("ssm:GetParameter", name, request(name)).await?,
    };
    answer.parameter.and_then(|parameter| parameter.value).map(Secret::new).ok_or_else(|| {
        CloudError::new(ErrorClass::Unknown, "ssm:GetParameter", name, "answer-cut", "the answer has no value")
    })
}
