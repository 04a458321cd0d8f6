//! What is changed at a role that lives.

use deployer_engine::resource::CloudError;

use super::{IamRole, policies, to_tags};
use crate::Cloud;
use crate::naming::tag_changes;
use crate::policy;

/// Seconds of a session where nothing else is asked for.
const DEFAULT_SESSION_SECONDS: u32 = 3_600;

impl IamRole {
    /// Changes what differs from `live`.
    pub(super) async fn update(&self, cloud: &Cloud, prior: Option<&Self>, live: &Self) -> Result<(), CloudError> {
        let (iam, name) = (cloud.iam(), self.name.as_str());
        if !policy::same(&self.trust, &live.trust) {
            let request = iam.update_assume_role_policy().role_name(name).policy_document(self.trust.to_string());
            cloud.call("iam:UpdateAssumeRolePolicy", name, request.send()).await?;
        }
        let description =
            self.description.clone().or(prior.and_then(|each| each.description.as_ref()).map(|_| String::new()));
        let session = self.max_session.or(prior.and_then(|each| each.max_session).map(|_| DEFAULT_SESSION_SECONDS));
        let new_description = description.filter(|text| live.description.as_deref().unwrap_or_default() != text);
        let new_session =
            session.filter(|_| session != live.max_session).and_then(|seconds| i32::try_from(seconds).ok());
        if new_description.is_some() || new_session.is_some() {
            // UpdateRole leaves what it is not told.
            let request = iam
                .update_role()
                .role_name(name)
                .set_description(new_description)
                .set_max_session_duration(new_session);
            cloud.call("iam:UpdateRole", name, request.send()).await?;
        }
        self.update_policies(cloud, live).await?;
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.tags);
        if !write.is_empty() {
            cloud
                .call("iam:TagRole", name, iam.tag_role().role_name(name).set_tags(Some(to_tags(write)?)).send())
                .await?;
        }
        if !remove.is_empty() {
            cloud
                .call("iam:UntagRole", name, iam.untag_role().role_name(name).set_tag_keys(Some(remove)).send())
                .await?;
        }
        Ok(())
    }

    /// Grants first, then takes away: nothing that works stops working in between.
    async fn update_policies(&self, cloud: &Cloud, live: &Self) -> Result<(), CloudError> {
        for (policy_name, wanted) in &self.policies {
            if !live.policies.get(policy_name).is_some_and(|found| policy::same(found, wanted)) {
                let request = cloud
                    .iam()
                    .put_role_policy()
                    .role_name(&self.name)
                    .policy_name(policy_name)
                    .policy_document(wanted.to_string());
                cloud.call("iam:PutRolePolicy", &self.name, request.send()).await?;
            }
        }
        for arn in self.attached.iter().filter(|arn| !live.attached.contains(arn)) {
            cloud
                .call(
                    "iam:AttachRolePolicy",
                    &self.name,
                    cloud.iam().attach_role_policy().role_name(&self.name).policy_arn(arn).send(),
                )
                .await?;
        }
        let foreign = live.policies.keys().filter(|name| !self.policies.contains_key(*name));
        policies::remove(cloud, &self.name, foreign, live.attached.iter().filter(|arn| !self.attached.contains(arn)))
            .await
    }
}
