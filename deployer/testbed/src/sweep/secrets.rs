//! No secret value stands in anything that the deployer keeps or says.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::kept;
use super::project::Project;
use super::rows::StateIn;
use crate::forms::forms;
use crate::inventory::Api;

/// Where a secret value stands.
pub async fn told(project: &Project, stack: &str, state: StateIn, said: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut texts = files(&project.kept());
    texts.extend(kept::text(project, stack, state).await.map(|text| (PathBuf::from("the state"), text)));
    for (name, value) in values(&project.aws()).await {
        for form in forms(&value) {
            let places =
                texts.iter().filter(|(_, text)| text.contains(&form)).map(|(path, _)| path.display().to_string());
            let places = places.chain(said.contains(&form).then(|| "what was said".to_owned()));
            found.extend(places.map(|place| format!("the secret {name} stands in {place}")));
        }
    }
    found
}

/// Every secret parameter, by name.
async fn values(aws: &Api) -> Vec<(String, String)> {
    let every = aws.json_list("ssm", "AmazonSSM.DescribeParameters", json!({}), "Parameters", "NextToken").await;
    let secret = every.iter().filter(|each| each["Type"] == "SecureString").filter_map(|each| each["Name"].as_str());
    let mut values = Vec::new();
    for name in secret {
        let body = json!({ "Name": name, "WithDecryption": true });
        let parameter = aws.json("ssm", "AmazonSSM.GetParameter", body).await;
        values.extend(parameter["Parameter"]["Value"].as_str().map(|value| (name.to_owned(), value.to_owned())));
    }
    values
}

/// The text of every file below a folder, but for the zips of functions.
fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_none_or(|extension| extension != "zip") {
            let bytes = std::fs::read(&path).unwrap_or_default();
            found.push((path, String::from_utf8_lossy(&bytes).into_owned()));
        }
    }
    found
}
