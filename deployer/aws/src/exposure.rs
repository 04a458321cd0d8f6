//! What of a stack is open to the world or kept from it, from what is recorded of it: an audit in figures.

use std::collections::BTreeSet;

use deployer_engine::resource::Resource as _;
use deployer_engine::state::{Record, Standing};
use serde::Serialize;
use serde_json::Value;

use crate::kinds::function::ORIGIN_SECRET;
use crate::resources::distribution::Distribution;
use crate::resources::external_secret::ExternalSecret;
use crate::resources::function_url::FunctionUrl;
use crate::resources::lambda_function::LambdaFunction;
use crate::resources::rs256_ring::Rs256Ring;
use crate::resources::ssm_secret::SsmSecret;
use crate::resources::web_acl::WebAcl;

/// What is open and what is kept, by the names of declarations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Exposure {
    /// The distributions.
    pub distributions: Vec<FrontDoor>,
    /// The public addresses of functions.
    pub endpoints: Vec<Endpoint>,
    /// The secrets: encrypted, all of them, or they would be parameters.
    pub secrets: BTreeSet<String>,
}

/// One distribution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FrontDoor {
    /// Its name in the stack file.
    pub name: String,
    /// Whether a web ACL stands before it.
    pub waf: bool,
}

/// One public address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// The function's name in the stack file.
    pub name: String,
    /// Whether it asks who calls: a signature of AWS, or the front door's.
    pub authenticated: bool,
    /// Whether pages of other origins may call it.
    pub other_origins: bool,
    /// Whether a web ACL of the stack counts calls, and there is a front door for it to stand before.
    pub rate_limited: bool,
}

/// What the records in use tell.
pub fn exposure(records: &[Record]) -> Exposure {
    let of = |types: &'static [&str]| {
        let fits = |each: &&Record| each.standing == Standing::Current && types.contains(&each.type_name.as_str());
        records.iter().filter(fits).map(|each| (each.address.declaration().name().to_owned(), &each.inputs))
    };
    let front = |(name, inputs): (String, &Value)| FrontDoor { name, waf: !inputs["web_acl_arn"].is_null() };
    let distributions: Vec<FrontDoor> = of(&[Distribution::TYPE]).map(front).collect();
    let counts = |rule: &Value| rule["check"].get("rate").is_some();
    let is_counted =
        of(&[WebAcl::TYPE]).any(|(_, acl)| acl["rules"].as_array().is_some_and(|all| all.iter().any(counts)));
    let rate_limited = is_counted && distributions.iter().any(|each| each.waf);
    // On the local AWS a secret header stands in for the signature.
    let guarded: BTreeSet<String> = of(&[LambdaFunction::TYPE])
        .filter(|(_, inputs)| inputs["environment"].get(ORIGIN_SECRET).is_some())
        .map(|(name, _)| name)
        .collect();
    let endpoint = |(name, inputs): (String, &Value)| Endpoint {
        authenticated: inputs["auth"] == "AWS_IAM" || guarded.contains(&name),
        other_origins: inputs["cors"] == true,
        rate_limited,
        name,
    };
    Exposure {
        endpoints: of(&[FunctionUrl::TYPE]).map(endpoint).collect(),
        secrets: of(&[ExternalSecret::TYPE, Rs256Ring::TYPE, SsmSecret::TYPE]).map(|(name, _)| name).collect(),
        distributions,
    }
}

#[cfg(test)]
mod tests {
    use deployer_engine::state::{Scope, State};
    use serde_json::json;

    use super::*;

    fn record(address: &str, type_name: &str, inputs: Value) -> Record {
        Record {
            address: address.parse().expect("an address"),
            id: address.to_owned(),
            type_name: type_name.to_owned(),
            region: "us-west-2".to_owned(),
            schema: 1,
            standing: Standing::Current,
            ordinal: 0,
            inputs,
            outputs: Value::Null,
            depends: BTreeSet::new(),
        }
    }

    fn url(name: &str, auth: &str) -> Record {
        record(&format!("function.{name}/url"), FunctionUrl::TYPE, json!({ "auth": auth, "cors": false }))
    }

    #[test]
    fn what_is_open_is_told_from_what_is_kept() {
        let counting =
            json!({ "rules": [{ "check": { "managed": { "set": "x" } } }, { "check": { "rate": { "limit": 100 } } }] });
        let told = exposure(&[
            record("cdn.main/distribution", Distribution::TYPE, json!({ "web_acl_arn": "arn:aws:wafv2" })),
            record("cdn.bare/distribution", Distribution::TYPE, json!({ "name": "bare" })),
            record("waf.edge/web_acl", WebAcl::TYPE, counting),
            url("open", "NONE"),
            url("signed", "AWS_IAM"),
            url("local", "NONE"),
            record("function.local/function", LambdaFunction::TYPE, json!({ "environment": { ORIGIN_SECRET: "/x" } })),
            record("secret.jwt/secret", Rs256Ring::TYPE, json!({})),
            Record { standing: Standing::Deposed, ..record("secret.old/secret", SsmSecret::TYPE, json!({})) },
        ]);
        let doors: Vec<_> = told.distributions.iter().map(|door| (door.name.as_str(), door.waf)).collect();
        assert_eq!(doors, [("main", true), ("bare", false)]);
        let open: Vec<_> = told.endpoints.iter().map(|each| (each.name.as_str(), each.authenticated)).collect();
        assert_eq!(open, [("open", false), ("signed", true), ("local", true)]);
        assert!(told.endpoints.iter().all(|each| each.rate_limited && !each.other_origins));
        assert_eq!(told.secrets.into_iter().collect::<Vec<_>>(), ["jwt"]);
    }

    #[test]
    fn without_a_front_door_nobody_counts_calls() {
        let scope = Scope { stack: "s".into(), environment: "e".into(), account: "1".into(), region: "r".into() };
        let empty = State::empty(scope, String::new());
        assert_eq!(exposure(&empty.records), Exposure::default());
        assert!(!exposure(&[url("open", "NONE")]).endpoints[0].rate_limited);
    }
}
