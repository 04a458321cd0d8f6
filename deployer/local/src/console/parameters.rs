//! Parameters, and that there are secrets.

use serde_json::{Value, json};

use super::aws::{Aws, GET_PARAMETERS};
use super::html::{Page, cell, code, table};
use super::{ResourceView, StackView};
use crate::http::BoxError;

/// Types of resources that are parameters.
const TYPES: [&str; 4] = ["ssm_parameter", "ssm_secret", "external_secret", "rs256_ring"];
/// Most names of one call. Source: GetParameters.
const AT_ONCE: usize = 10;

/// Every parameter of every stack. Nothing is decrypted: what is secret is shown by its version alone.
pub async fn list(aws: &Aws<'_>, stacks: &[StackView]) -> Result<Page, BoxError> {
    let mut rows = Vec::new();
    for stack in stacks {
        let own: Vec<&ResourceView> =
            stack.resources.iter().filter(|each| TYPES.contains(&each.type_name.as_str())).collect();
        for part in own.chunks(AT_ONCE) {
            let names: Vec<&str> = part.iter().map(|each| each.id.as_str()).collect();
            let found =
                aws.ask(&stack.region, &GET_PARAMETERS, json!({ "Names": names, "WithDecryption": false })).await?;
            let found = found.unwrap_or_default();
            rows.extend(part.iter().map(|resource| row(resource, &found["Parameters"])));
        }
    }
    let head = ["Name", "Declaration", "Version", "Value"];
    Ok(Page::new("/parameters", "Parameters", table("Parameters", &head, &rows, "No stack has a parameter here.")))
}

fn row(resource: &ResourceView, found: &Value) -> Vec<String> {
    let declaration = resource.address.split('/').next().unwrap_or_default();
    let parameter = found.as_array().into_iter().flatten().find(|each| each["Name"] == *resource.id);
    let version = parameter.and_then(|each| each["Version"].as_u64());
    let value = match parameter.map(|each| each["Type"].as_str().unwrap_or_default()) {
        Some("String" | "StringList") => cell(parameter.and_then(|each| each["Value"].as_str()).unwrap_or_default()),
        Some(_) => "<span class=\"quiet\">secret</span>".to_owned(),
        None => "<span class=\"quiet\">a secret of several parameters</span>".to_owned(),
    };
    let version = version.map(|version| version.to_string()).unwrap_or_default();
    vec![code(&resource.id), code(declaration), version, value]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_secret_is_never_shown_whatever_the_answer_holds() {
        let resource =
            ResourceView { address: "secret.a/secret".into(), type_name: "ssm_secret".into(), id: "/a".into() };
        for found in [
            json!([{ "Name": "/a", "Type": "SecureString", "Value": "canary", "Version": 3 }]),
            json!([{ "Name": "/a", "Value": "canary" }]),
            json!([{ "Name": "/b", "Type": "String", "Value": "canary" }]),
        ] {
            assert!(!row(&resource, &found).concat().contains("canary"), "{found}");
        }
    }
}
