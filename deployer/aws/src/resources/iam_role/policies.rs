//! The policies of a role: inline ones, which IAM sends percent-encoded, and attached ones.

use std::collections::BTreeMap;

use deployer_engine::resource::CloudError;
use futures::future::try_join_all;
use serde_json::Value;

use super::MISSING;
use crate::Cloud;
use crate::policy;

/// A document as IAM sends it: JSON, percent-encoded. What is no JSON differs from all that is wanted.
pub fn document(sent: &str) -> Value {
    let text = percent_decoded(sent);
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escape = if *first == b'%' { after.first_chunk::<2>() } else { None };
        match escape.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn one(cloud: &Cloud, role: &str, name: String) -> Result<Option<(String, Value)>, CloudError> {
    let request = cloud.iam().get_role_policy().role_name(role).policy_name(&name);
    let found = cloud.find("iam:GetRolePolicy", role, MISSING, request.send()).await?;
    Ok(found.map(|found| (name, document(&found.policy_document))))
}

/// The documents of all inline policies; those whose names we know are not waited for the list.
pub async fn inline(
    cloud: &Cloud,
    role: &str,
    known: &BTreeMap<String, Value>,
) -> Result<BTreeMap<String, Value>, CloudError> {
    let names = async {
        let list = |marker: Option<String>| {
            cloud.find(
                "iam:ListRolePolicies",
                role,
                MISSING,
                cloud.iam().list_role_policies().role_name(role).set_marker(marker).send(),
            )
        };
        let mut names = Vec::new();
        let mut page = list(None).await?;
        while let Some(found) = page {
            names.extend(found.policy_names);
            page = if found.is_truncated { list(found.marker).await? } else { None };
        }
        Ok(names)
    };
    let ours = try_join_all(known.keys().map(|name| one(cloud, role, name.clone())));
    let (names, ours) = futures::try_join!(names, ours)?;
    let foreign = names.into_iter().filter(|name| !known.contains_key(name));
    let foreign = try_join_all(foreign.map(|name| one(cloud, role, name))).await?;
    let found = ours.into_iter().chain(foreign).flatten();
    Ok(found.map(|(name, found)| (name.clone(), policy::in_words_of(found, known.get(&name)))).collect())
}

/// The ARNs of the managed policies that are attached, sorted.
pub async fn attached(cloud: &Cloud, role: &str) -> Result<Vec<String>, CloudError> {
    // A role has at most 20 of them, a page 100.
    let request = cloud.iam().list_attached_role_policies().role_name(role);
    let found = cloud.find("iam:ListAttachedRolePolicies", role, MISSING, request.send()).await?;
    let mut arns: Vec<String> = found
        .and_then(|each| each.attached_policies)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|each| each.policy_arn)
        .collect();
    arns.sort();
    Ok(arns)
}

/// Removes inline policies by name and managed ones by ARN.
pub async fn remove(
    cloud: &Cloud,
    role: &str,
    inline: impl Iterator<Item = &String>,
    attached: impl Iterator<Item = &String>,
) -> Result<(), CloudError> {
    for name in inline {
        let request = cloud.iam().delete_role_policy().role_name(role).policy_name(name);
        cloud.find("iam:DeleteRolePolicy", role, MISSING, request.send()).await?;
    }
    for arn in attached {
        let request = cloud.iam().detach_role_policy().role_name(role).policy_arn(arn);
        cloud.find("iam:DetachRolePolicy", role, MISSING, request.send()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_document_is_read_as_iam_encodes_it() {
        assert_eq!(
            document("%7B%22Action%22%3A%22s3%3A%2A%22%2C%22Sid%22%3A%22%C3%A9%22%7D"),
            json!({ "Action": "s3:*", "Sid": "é" })
        );
        assert_eq!(document(r#"{"Action":"a"}"#), json!({ "Action": "a" }));
    }

    #[test]
    fn what_is_no_document_is_kept_as_text() {
        assert_eq!(document("%7B%2"), json!("{%2"));
        assert_eq!(document("100%"), json!("100%"));
        assert_eq!(document(""), json!(""));
    }
}
