//! The parameters of a ring: its document and its private keys.

use aws_sdk_ssm::types::{ParameterTier, ParameterType};
use deployer_engine::resource::{CloudError, ErrorClass};

use super::Rs256Ring;
use crate::Cloud;
use crate::parameters::{EXISTS, MAX_VALUE_BYTES, sdk_tags};
use crate::ring::{Document, NewKey, Phase, new_key};

/// What is below a ring's name.
pub struct Found {
    /// The version of the document.
    pub version: i64,
    /// What it says.
    pub document: Document,
    /// The names of the private keys.
    pub keys: Vec<String>,
}

/// The name of the document.
pub fn document_name(name: &str) -> String {
    format!("{name}/ring")
}

/// The name of a private key.
pub fn key_name(name: &str, kid: &str) -> String {
    format!("{name}/keys/{kid}")
}

/// The names below a ring's name, and its document when there is one. One that cannot be read is refused: whatever wrote
/// it, its keys are somebody's.
pub async fn list(cloud: &Cloud, name: &str) -> Result<(Vec<String>, Option<Found>), CloudError> {
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
    let found = ring.map(|ring| {
        let document = serde_json::from_str(ring.value.as_deref().unwrap_or_default()).map_err(|_| unreadable(name))?;
        Ok(Found { version: ring.version, document, keys: private_keys(name, &names).cloned().collect() })
    });
    Ok((names, found.transpose()?))
}

/// Those of the names below a ring's name that are private keys.
pub fn private_keys<'a>(name: &str, names: &'a [String]) -> impl Iterator<Item = &'a String> {
    let prefix = key_name(name, "");
    names.iter().filter(move |each| each.starts_with(&prefix))
}

fn unreadable(name: &str) -> CloudError {
    CloudError {
        hint: Some(
            "a newer deployer may have written it, or a person: set it right, or delete the whole ring".to_owned(),
        ),
        ..CloudError::new(
            ErrorClass::Refused,
            "ssm:GetParametersByPath",
            &document_name(name),
            "unreadable-ring",
            "the ring's document is not one that this deployer knows",
        )
    }
}

impl Found {
    /// Whether the private key that signs is in place.
    pub fn signs(&self, name: &str) -> bool {
        self.keys.contains(&key_name(name, &self.document.active))
    }

    /// The names of private keys that the document does not name: a run was cut off between two calls.
    pub fn strays(&self, name: &str) -> Vec<String> {
        let named: Vec<String> = self.document.keys.iter().map(|key| key_name(name, &key.kid)).collect();
        self.keys.iter().filter(|key| !named.contains(key)).cloned().collect()
    }
}

impl Rs256Ring {
    /// Makes a key at that time and stores its private half.
    pub async fn add_key(&self, cloud: &Cloud, at: u64, phase: Phase) -> Result<NewKey, CloudError> {
        let key = new_key(at, phase)
            .ok_or_else(|| CloudError::inputs(&self.name, "this machine has no random numbers, and so no key"))?;
        let name = key_name(&self.name, &key.public.kid);
        let request = cloud.ssm().put_parameter().name(&name).r#type(ParameterType::SecureString);
        let request = request.value(key.private.reveal()).overwrite(false).tier(ParameterTier::Standard);
        let request = request.set_key_id(self.key.clone()).set_tags(Some(sdk_tags(&self.every_tag())));
        cloud.call("ssm:PutParameter", &name, request.send()).await?;
        Ok(key)
    }

    /// Writes the document, and tells its version; `None`: there is one, and none was expected.
    pub async fn put(&self, cloud: &Cloud, document: &Document, overwrite: bool) -> Result<Option<i64>, CloudError> {
        let name = document_name(&self.name);
        let text = serde_json::to_string(document).map_err(|error| CloudError::inputs(&name, error.to_string()))?;
        if text.len() > MAX_VALUE_BYTES {
            return Err(CloudError::inputs(&name, "the ring has more keys than a parameter holds: retire some first"));
        }
        let request = cloud.ssm().put_parameter().name(&name).value(text).r#type(ParameterType::String);
        let request = match overwrite {
            true => request.overwrite(true),
            // AWS takes tags only with a parameter that is new.
            false => request.overwrite(false).tier(ParameterTier::Standard).set_tags(Some(sdk_tags(&self.every_tag()))),
        };
        Ok(cloud.find("ssm:PutParameter", &name, EXISTS, request.send()).await?.map(|put| put.version))
    }

    /// Writes the document over one of that version. Another one that came between is a conflict: what this call wrote
    /// stands, and the next look tells what is left to do.
    pub async fn replace(&self, cloud: &Cloud, document: &Document, over: i64) -> Result<(), CloudError> {
        match self.put(cloud, document, true).await? {
            Some(written) if written == over + 1 => Ok(()),
            _ => Err(CloudError::new(
                ErrorClass::Conflict,
                "ssm:PutParameter",
                &document_name(&self.name),
                "changed-meanwhile",
                "somebody else wrote the ring's document meanwhile",
            )),
        }
    }
}
