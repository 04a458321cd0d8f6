//! The versions that Lambda lists, and which of them is meant.

use aws_sdk_lambda::types::FunctionConfiguration;
use deployer_engine::resource::{CloudError, Cx, Key, Live};
use serde_json::Value;

use super::{FunctionVersion, FunctionVersionOutputs, MISSING, id};
use crate::Cloud;

/// Hex digits of a SHA-256.
const DIGEST_CHARS: usize = 64;

/// A version as Lambda lists it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Listed {
    /// Its number.
    pub(super) number: u64,
    /// Its description: the digest, where we published it.
    pub(super) description: String,
    code_sha256: String,
}

impl Listed {
    /// `None` for `$LATEST`, which is no version.
    pub(super) fn new(found: FunctionConfiguration) -> Option<Self> {
        let number = found.version?.parse().ok()?;
        Some(Self {
            number,
            description: found.description.unwrap_or_default(),
            code_sha256: found.code_sha256.unwrap_or_default(),
        })
    }

    /// Whether its description is a digest, as we write it and nobody else does.
    pub(super) fn is_ours(&self) -> bool {
        self.description.len() == DIGEST_CHARS && self.description.bytes().all(|each| each.is_ascii_hexdigit())
    }

    /// The version as a resource.
    pub(super) fn into_live(self, function_name: &str) -> Live<FunctionVersion> {
        let version = self.number.to_string();
        let inputs = FunctionVersion {
            function_name: function_name.to_owned(),
            digest: Value::String(self.description),
            code_sha256: self.code_sha256,
        };
        Live { id: id(function_name, &version), inputs, outputs: FunctionVersionOutputs { version } }
    }
}

/// The version that a key means: the recorded one, else the last one of its digest.
pub(super) fn select(listed: &[Listed], key: &Key<FunctionVersion>) -> Option<Listed> {
    let found = match (&key.id, key.inputs.digest.as_str()) {
        (Some(id), _) => {
            listed.iter().find(|each| self::id(&key.inputs.function_name, &each.number.to_string()) == *id)
        }
        (None, Some(digest)) if !digest.is_empty() => {
            listed.iter().filter(|each| each.description == digest).max_by_key(|each| each.number)
        }
        (None, _) => None,
    };
    found.cloned()
}

/// Every version of a function.
pub(super) async fn list(cx: &Cx<Cloud>, function_name: &str) -> Result<Vec<Listed>, CloudError> {
    let mut listed = Vec::new();
    let mut marker = None;
    loop {
        let request = cx.cloud.lambda().list_versions_by_function().function_name(function_name).set_marker(marker);
        let Some(page) = cx.cloud.find("lambda:ListVersionsByFunction", function_name, MISSING, request.send()).await?
        else {
            return Ok(Vec::new());
        };
        listed.extend(page.versions.unwrap_or_default().into_iter().filter_map(Listed::new));
        marker = page.next_marker.filter(|each| !each.is_empty());
        if marker.is_none() {
            return Ok(listed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: Option<&str>, digest: &str) -> Key<FunctionVersion> {
        let inputs = FunctionVersion { function_name: "f".into(), digest: digest.into(), code_sha256: String::new() };
        Key { id: id.map(str::to_owned), inputs }
    }

    fn listed(number: u64, description: &str) -> Listed {
        Listed { number, description: description.into(), code_sha256: "z".into() }
    }

    #[test]
    fn a_recorded_version_is_found_by_its_number_and_a_lost_one_by_its_digest() {
        let all = [listed(1, "a"), listed(2, "b"), listed(10, "a"), listed(11, "by hand")];
        assert_eq!(select(&all, &key(Some("f:1"), "a")).map(|each| each.number), Some(1));
        assert_eq!(select(&all, &key(None, "a")).map(|each| each.number), Some(10));
        assert_eq!(select(&all, &key(None, "c")), None);
        assert_eq!(select(&all, &key(Some("f:3"), "a")), None);
    }

    #[test]
    fn a_digest_that_is_not_known_yet_finds_nothing() {
        let all = [listed(1, ""), listed(2, "a")];
        assert_eq!(select(&all, &key(None, "")), None);
        let unknown = Key {
            id: None,
            inputs: FunctionVersion { digest: serde_json::json!({ "$sha256": {} }), ..key(None, "").inputs },
        };
        assert_eq!(select(&all, &unknown), None);
    }

    #[test]
    fn what_is_not_published_is_no_version() {
        let of = |version: &str| Listed::new(FunctionConfiguration::builder().version(version).build());
        assert_eq!(of("$LATEST"), None);
        assert_eq!(of("7").map(|each| each.number), Some(7));
    }
}
