//! IAM roles with their policies.

mod policies;
mod update;

use std::collections::BTreeMap;

use aws_sdk_iam::types::Tag;
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, met, own_tags};
use crate::policy;

/// Code of "there is no such role or policy".
const MISSING: &[&str] = &["NoSuchEntity"];
/// Code of "there is one of that name".
const EXISTS: &[&str] = &["EntityAlreadyExists"];
/// An IAM role. All of its policies are ours: what somebody else adds to it is drift and removed.
///
/// Read budget: 3 calls a role and 1 for each inline policy, all at once; 1 more for each policy
/// that somebody else added.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IamRole {
    /// Its name: 1 to 64 of `A–Z a–z 0–9 + = , . @ _ -`, unique in the account. Source: CreateRole.
    pub name: String,
    /// Who may assume it: a policy document. Source: CreateRole, `AssumeRolePolicyDocument`.
    pub trust: Value,
    /// Its inline policies: document by name, 10,240 characters together. Source: PutRolePolicy.
    #[serde(default)]
    pub policies: BTreeMap<String, Value>,
    /// ARNs of the managed policies attached to it, sorted. Source: AttachRolePolicy.
    #[serde(default)]
    pub attached: Vec<String>,
    /// Words for people, at most 1,000 characters. Source: CreateRole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Longest session in seconds: 3,600 to 43,200. Absent: AWS's 3,600. Source: CreateRole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_session: Option<u32>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// What a role is known by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamRoleOutputs {
    /// Its ARN.
    pub arn: String,
    /// The id that AWS minted for it: another one when a role of the same name was made anew.
    pub role_id: String,
}

/// The ARN of a role.
pub fn arn(account: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:role/{name}")
}

fn to_tags(tags: Tags) -> Result<Vec<Tag>, CloudError> {
    let tag = |(key, value): (String, String)| {
        Tag::builder().key(&key).value(value).build().map_err(|error| CloudError::inputs(&key, error.to_string()))
    };
    tags.into_iter().map(tag).collect()
}

/// The role as it lives, its documents in the words of `known` where they say the same.
async fn read(cx: &Cx<Cloud>, known: &IamRole) -> Result<Option<Live<IamRole>>, CloudError> {
    let (cloud, name) = (&*cx.cloud, known.name.as_str());
    let role = cloud.find("iam:GetRole", name, MISSING, cloud.iam().get_role().role_name(name).send());
    let (role, policies, attached) =
        futures::try_join!(role, policies::inline(cloud, name, &known.policies), policies::attached(cloud, name))?;
    let Some(role) = role.and_then(|found| found.role) else { return Ok(None) };
    let trust = role.assume_role_policy_document.as_deref().map(policies::document).unwrap_or_default();
    let inputs = IamRole {
        name: name.to_owned(),
        trust: policy::in_words_of(trust, Some(&known.trust)),
        policies,
        attached,
        description: role.description.filter(|text| !text.is_empty()),
        max_session: role.max_session_duration.and_then(|seconds| u32::try_from(seconds).ok()),
        tags: own_tags(role.tags.unwrap_or_default().into_iter().map(|each| (each.key, each.value))),
    };
    Ok(Some(Live { id: name.to_owned(), inputs, outputs: IamRoleOutputs { arn: role.arn, role_id: role.role_id } }))
}

impl IamRole {
    /// Creates it without policies. `None`: there is one of the name already.
    async fn create(&self, cloud: &Cloud) -> Result<Option<Live<Self>>, CloudError> {
        let request =
            cloud.iam().create_role().role_name(&self.name).assume_role_policy_document(self.trust.to_string());
        let request = request
            .set_description(self.description.clone())
            .set_max_session_duration(self.max_session.and_then(|seconds| i32::try_from(seconds).ok()));
        let request = request.set_tags(Some(to_tags(self.tags.clone())?));
        let created = cloud.find("iam:CreateRole", &self.name, EXISTS, request.send()).await?;
        let bare = Self { policies: BTreeMap::new(), attached: Vec::new(), ..self.clone() };
        let live = |role: aws_sdk_iam::types::Role| Live {
            id: self.name.clone(),
            inputs: bare,
            outputs: IamRoleOutputs { arn: role.arn, role_id: role.role_id },
        };
        Ok(created.and_then(|each| each.role).map(live))
    }
}

impl Resource for IamRole {
    const TYPE: &'static str = "iam_role";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::Global;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] = &[
        ("name", "iam:CreateRole.RoleName"),
        ("description", "iam:CreateRole.Description"),
        ("max_session", "iam:CreateRole.MaxSessionDuration"),
    ];
    const STABLE: &'static [&'static str] = &["arn", "role_id"];
    const ACTIONS: &'static [&'static str] = &[
        "iam:AttachRolePolicy",
        "iam:CreateRole",
        "iam:DeleteRole",
        "iam:DeleteRolePolicy",
        "iam:DetachRolePolicy",
        "iam:GetRole",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:PutRolePolicy",
        "iam:TagRole",
        "iam:UntagRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:UpdateRole",
    ];
    type Outputs = IamRoleOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, &key.inputs)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        let live = match live {
            Some(live) => live.clone(),
            None => match self.create(&cx.cloud).await? {
                Some(created) => created,
                None => met("iam:CreateRole", &self.name, &self.tags, read(cx, self).await?, |each| &each.tags)?,
            },
        };
        self.update(&cx.cloud, prior, &live.inputs).await?;
        Ok(Live { id: self.name.clone(), inputs: self.clone(), outputs: live.outputs })
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let cloud = &*cx.cloud;
        policies::remove(cloud, &live.id, live.inputs.policies.keys(), live.inputs.attached.iter()).await?;
        cloud
            .find("iam:DeleteRole", &live.id, MISSING, cloud.iam().delete_role().role_name(&live.id).send())
            .await
            .map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        let known = |name| Self {
            name,
            trust: Value::Null,
            policies: BTreeMap::new(),
            attached: Vec::new(),
            description: None,
            max_session: None,
            tags: Tags::new(),
        };
        listing::read_each(listing::roles(cx, owner).await?, |name| async move { read(cx, &known(name)).await }).await
    }
}
