//! Statements of a function's own policy: who may call it.

mod strangers;

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionUrlAuthType;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Resource, Spread};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::kinds::function::LIVE;
use crate::listing;

/// What the ids of our statements begin with. Permanent: what begins otherwise is somebody else's.
pub const OURS: &str = "deployer-";
/// Code of "there is no such function, alias, policy or statement".
const MISSING: &[&str] = &["ResourceNotFoundException"];
/// Code of "there is a statement of that id".
const EXISTS: &[&str] = &["ResourceConflictException"];

/// One statement in the policy of an alias: it allows one action to one principal.
///
/// Read budget: 1 call an alias, whatever the number of its statements.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LambdaPermission {
    /// The function.
    pub function_name: String,
    /// The alias.
    pub qualifier: String,
    /// The statement's id: 1 to 100 of `A–Z a–z 0–9 - _`. Source: AddPermission.
    pub statement_id: String,
    /// What is allowed: `lambda:InvokeFunction` or `lambda:InvokeFunctionUrl`.
    pub action: String,
    /// To whom: a service such as `events.amazonaws.com`, an account, or `*`.
    pub principal: String,
    /// Only on behalf of this object, by ARN. Source: AddPermission, `SourceArn`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_arn: Option<String>,
    /// Only on behalf of this account, 12 digits. Source: AddPermission, `SourceAccount`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_account: Option<String>,
    /// Only through a URL of that kind, `AWS_IAM` or `NONE`. Source: AddPermission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub function_url_auth_type: Option<String>,
    /// Only through the function's URL: without it anybody allowed could send an event that looks like
    /// the URL's. Source: AddPermission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoked_via_function_url: Option<bool>,
    /// Conditions beside these. None of ours: what somebody else put there is shown as drift.
    #[serde(default)]
    pub other_conditions: Vec<String>,
    /// Ids of statements in the same policy that are not ours and let everybody in. None are wanted: they are
    /// shown as drift, at the first statement of ours, and removed.
    #[serde(default)]
    pub open_to_everybody: Vec<String>,
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The statements of a policy: AWS writes a single one without its list.
fn statements(policy: &Value) -> &[Value] {
    let told = |statements| Value::as_array(statements).map_or_else(|| std::slice::from_ref(statements), Vec::as_slice);
    policy.get("Statement").map_or(&[], told)
}

impl LambdaPermission {
    /// A statement without conditions.
    pub fn new(function_name: &str, qualifier: &str, statement_id: &str, action: &str, principal: &str) -> Self {
        let [function_name, qualifier, statement_id, action, principal] =
            [function_name, qualifier, statement_id, action, principal].map(str::to_owned);
        Self { function_name, qualifier, statement_id, action, principal, ..Self::default() }
    }

    fn id(&self) -> String {
        format!("{}:{}/{}", self.function_name, self.qualifier, self.statement_id)
    }

    fn into_live(self) -> Live<Self> {
        Live { id: self.id(), inputs: self, outputs: () }
    }

    /// The statement of our id in the policy of the alias.
    fn find_in(&self, policy: &Value) -> Option<Self> {
        let all = statements(policy);
        let found =
            all.iter().find(|each| each.get("Sid").and_then(Value::as_str) == Some(self.statement_id.as_str()))?;
        let principal = match found.get("Principal") {
            Some(Value::Object(members)) => members.values().next().map(text).unwrap_or_default(),
            Some(other) => text(other),
            None => String::new(),
        };
        let action = found.get("Action").map(text).unwrap_or_default();
        let mut live = Self::new(&self.function_name, &self.qualifier, &self.statement_id, &action, &principal);
        let tests = found.get("Condition").and_then(Value::as_object).into_iter().flatten();
        for (operator, members) in tests {
            for (key, value) in members.as_object().into_iter().flatten() {
                live.note_condition(operator, key, value);
            }
        }
        live.open_to_everybody = strangers::told_by(&self.statement_id, all);
        Some(live)
    }

    /// AWS writes the keys of conditions in capitals here and small letters there.
    fn note_condition(&mut self, operator: &str, key: &str, value: &Value) {
        match key.to_ascii_lowercase().as_str() {
            "aws:sourcearn" => self.source_arn = Some(text(value)),
            "aws:sourceaccount" => self.source_account = Some(text(value)),
            "lambda:functionurlauthtype" => self.function_url_auth_type = Some(text(value)),
            "lambda:invokedviafunctionurl" => self.invoked_via_function_url = Some(text(value) == "true"),
            _ => self.other_conditions.push(format!("{operator} {key} {}", text(value))),
        }
    }

    async fn read(&self, cx: &Cx<Cloud>) -> Result<Option<Self>, CloudError> {
        Ok(policy(cx, &self.function_name, &self.qualifier).await?.and_then(|policy| self.find_in(&policy)))
    }

    /// Adds it. `false`: there is a statement of the id already.
    async fn add(&self, cloud: &Cloud) -> Result<bool, CloudError> {
        let request = cloud.lambda().add_permission().function_name(&self.function_name).qualifier(&self.qualifier);
        let request = request.statement_id(&self.statement_id).action(&self.action).principal(&self.principal);
        let request = request.set_source_arn(self.source_arn.clone()).set_source_account(self.source_account.clone());
        let request =
            request.set_function_url_auth_type(self.function_url_auth_type.as_deref().map(FunctionUrlAuthType::from));
        let request = request.set_invoked_via_function_url(self.invoked_via_function_url);
        Ok(cloud.find("lambda:AddPermission", &self.function_name, EXISTS, request.send()).await?.is_some())
    }

    async fn remove(&self, cloud: &Cloud, statement_id: &str) -> Result<(), CloudError> {
        let request = cloud
            .lambda()
            .remove_permission()
            .function_name(&self.function_name)
            .qualifier(&self.qualifier)
            .statement_id(statement_id);
        cloud.find("lambda:RemovePermission", &self.function_name, MISSING, request.send()).await.map(drop)
    }
}

/// The policy of an alias. A text that is no JSON holds no statement of ours.
async fn policy(cx: &Cx<Cloud>, function_name: &str, qualifier: &str) -> Result<Option<Value>, CloudError> {
    let request = cx.cloud.lambda().get_policy().function_name(function_name).qualifier(qualifier);
    let found = cx.cloud.find("lambda:GetPolicy", function_name, MISSING, request.send()).await?;
    Ok(found.and_then(|each| each.policy).and_then(|text| serde_json::from_str(&text).ok()))
}

impl Resource for LambdaPermission {
    const TYPE: &'static str = "lambda_permission";
    const IDENTITY: Identity = Identity::Parent;
    const REPLACE_ON: &'static [&'static str] = &["function_name", "qualifier", "statement_id"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("statement_id", "lambda:AddPermission.StatementId"),
        ("action", "lambda:AddPermission.Action"),
        ("principal", "lambda:AddPermission.Principal"),
    ];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &["lambda:AddPermission", "lambda:GetPolicy", "lambda:RemovePermission"];
    type Outputs = ();
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        let alias = |key: &Key<Self>| (key.inputs.function_name.clone(), key.inputs.qualifier.clone());
        let mut policies: BTreeMap<(String, String), Option<Value>> =
            keys.iter().map(|key| (alias(key), None)).collect();
        let aliases: Vec<_> = policies.keys().cloned().collect();
        let found = all_of(aliases.iter().map(|(name, qualifier)| policy(cx, name, qualifier)).collect()).await?;
        policies.extend(aliases.into_iter().zip(found));
        let live = |key: &Key<Self>| Some(key.inputs.find_in(policies.get(&alias(key))?.as_ref()?)?.into_live());
        Ok(keys.iter().map(live).collect())
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        _: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        if let Some(Live { inputs: live, .. }) = live {
            for stranger in &live.open_to_everybody {
                self.remove(&cx.cloud, stranger).await?;
            }
            if *self == (Self { open_to_everybody: Vec::new(), ..live.clone() }) {
                return Ok(self.clone().into_live());
            }
        }
        if live.is_none() && (self.add(&cx.cloud).await? || self.read(cx).await?.as_ref() == Some(self)) {
            return Ok(self.clone().into_live());
        }
        // A statement cannot be changed: callers are refused for the moment between the two calls.
        self.remove(&cx.cloud, &self.statement_id).await?;
        if !self.add(&cx.cloud).await? {
            return Err(CloudError::not_yet(
                "lambda:AddPermission",
                &self.function_name,
                format!("another statement `{}` stands in the way", self.statement_id),
            ));
        }
        Ok(self.clone().into_live())
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        live.inputs.remove(&cx.cloud, &live.inputs.statement_id).await
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let functions = listing::functions(cx, owner).await?;
        let policies = all_of(functions.iter().map(|name| policy(cx, name, LIVE)).collect()).await?;
        let of_function = |(name, policy): (&String, Option<Value>)| {
            let policy = policy.unwrap_or_default();
            let ours: Vec<_> = statements(&policy)
                .iter()
                .filter_map(|each| each.get("Sid")?.as_str())
                .filter(|id| id.starts_with(OURS))
                .filter_map(|id| Self::new(name, LIVE, id, "", "").find_in(&policy))
                .collect();
            ours
        };
        Ok(functions.iter().zip(policies).flat_map(of_function).map(Self::into_live).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn wanted() -> LambdaPermission {
        LambdaPermission {
            source_arn: Some("arn:aws:cloudfront::111122223333:distribution/E1".into()),
            ..LambdaPermission::new("f", "live", "url", "lambda:InvokeFunctionUrl", "cloudfront.amazonaws.com")
        }
    }

    #[test]
    fn a_statement_reads_back_as_it_was_added() {
        let url = LambdaPermission {
            function_url_auth_type: Some("NONE".into()),
            ..LambdaPermission::new("f", "live", "url", "lambda:InvokeFunctionUrl", "*")
        };
        let invoke = LambdaPermission {
            invoked_via_function_url: Some(true),
            ..LambdaPermission::new("f", "live", "invoke", "lambda:InvokeFunction", "*")
        };
        let policy = json!({ "Version": "2012-10-17", "Id": "default", "Statement": [
            { "Sid": "url", "Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl", "Resource": "arn:aws:lambda:us-west-2:1:function:f:live",
              "Condition": { "StringEquals": { "lambda:FunctionUrlAuthType": "NONE" } } },
            { "Sid": "invoke", "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:us-west-2:1:function:f:live",
              "Condition": { "Bool": { "lambda:InvokedViaFunctionUrl": "true" } } },
        ] });
        assert_eq!(url.find_in(&policy), Some(url.clone()));
        assert_eq!(invoke.find_in(&policy), Some(invoke.clone()));
        assert_eq!(wanted().find_in(&json!({ "Statement": [] })), None);
    }

    #[test]
    fn the_source_is_found_however_aws_writes_its_key() {
        for key in ["AWS:SourceArn", "aws:SourceArn"] {
            let policy = json!({ "Statement": { "Sid": "url", "Principal": { "Service": "cloudfront.amazonaws.com" }, "Action": "lambda:InvokeFunctionUrl",
                "Condition": { "ArnLike": { key: "arn:aws:cloudfront::111122223333:distribution/E1" } } } });
            assert_eq!(wanted().find_in(&policy), Some(wanted()));
        }
    }

    #[test]
    fn a_condition_that_we_never_set_is_a_difference() {
        let policy = json!({ "Statement": [{ "Sid": "url", "Principal": { "Service": "cloudfront.amazonaws.com" }, "Action": "lambda:InvokeFunctionUrl",
            "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1" }, "StringEquals": { "aws:PrincipalOrgID": "o-1" } } }] });
        let found = wanted().find_in(&policy).unwrap();
        assert_eq!(found.other_conditions, ["StringEquals aws:PrincipalOrgID o-1"]);
    }
}
