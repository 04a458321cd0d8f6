//! Web ACLs for CloudFront: what WAF looks at before a request reaches a distribution.

mod find;
mod form;
mod rules;

use aws_sdk_wafv2::types::{
    AllowAction, AssociatedResourceType, AssociationConfig, BlockAction, DefaultAction,
    RequestBodyAssociatedResourceTypeConfig, Scope, SizeInspectionLimit, Tag,
};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Owner, Place, Resource, Spread};

use self::find::{MISSING, get, read};
pub use self::form::{Check, PathTest, Rule, WebAcl, WebAclOutputs};
use super::cloudfront::{cut_answer, unusable};
use super::meanwhile::unchanged;
use crate::Cloud;
use crate::client::all_of;
use crate::listing;
use crate::naming::{Tags, are_ours, tag_changes, taken};

fn sdk_tags(tags: &Tags) -> Result<Vec<Tag>, CloudError> {
    tags.iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build().map_err(|error| unusable(&error)))
        .collect()
}

impl WebAcl {
    fn default_action(&self) -> DefaultAction {
        match self.default_action.as_str() {
            "block" => DefaultAction::builder().block(BlockAction::builder().build()).build(),
            _ => DefaultAction::builder().allow(AllowAction::builder().build()).build(),
        }
    }

    /// How much of a body is looked at; what `prior` set and `self` does not is AWS's own again.
    fn association(
        &self,
        prior: Option<&Self>,
        base: Option<AssociationConfig>,
    ) -> Result<Option<AssociationConfig>, CloudError> {
        let mut association = base.unwrap_or_else(|| AssociationConfig::builder().build());
        let limits = association.request_body.get_or_insert_default();
        if let Some(limit) = &self.body_limit {
            let limit = SizeInspectionLimit::from(limit.as_str());
            let limit = RequestBodyAssociatedResourceTypeConfig::builder().default_size_inspection_limit(limit);
            limits.insert(AssociatedResourceType::Cloudfront, limit.build().map_err(|error| unusable(&error))?);
        } else if prior.is_some_and(|each| each.body_limit.is_some()) {
            limits.remove(&AssociatedResourceType::Cloudfront);
        }
        Ok(Some(association).filter(|each| each.request_body.as_ref().is_some_and(|limits| !limits.is_empty())))
    }

    async fn create(&self, cx: &Cx<Cloud>) -> Result<Live<Self>, CloudError> {
        const OPERATION: &str = "wafv2:CreateWebACL";
        let request = cx
            .cloud
            .waf()
            .create_web_acl()
            .name(&self.name)
            .scope(Scope::Cloudfront)
            .default_action(self.default_action())
            .set_rules(Some(rules::write(&self.rules)?));
        let request = request
            .visibility_config(rules::visibility(&self.name)?)
            .set_association_config(self.association(None, None)?)
            .set_tags(Some(sdk_tags(&self.tags)?));
        if let Some(created) =
            cx.cloud.find(OPERATION, &self.name, &["WAFDuplicateItemException"], request.send()).await?
        {
            let arn = created.summary.and_then(|each| each.arn).ok_or_else(|| cut_answer(OPERATION, &self.name))?;
            return Ok(Live { id: arn.clone(), inputs: self.clone(), outputs: WebAclOutputs { arn } });
        }
        let found = read(cx, None, &self.name)
            .await?
            .ok_or_else(|| CloudError::not_yet(OPERATION, &self.name, "it exists, and WAF does not list it yet"))?;
        if !are_ours(&self.tags, &found.inputs.tags) {
            return Err(taken(OPERATION, &self.name));
        }
        self.update(cx, None, &found).await
    }

    /// Whether all that is managed lives already; what `prior` set and `self` does not must be gone.
    fn is_set(&self, prior: Option<&Self>, live: &Self) -> bool {
        let limit_is_managed = self.body_limit.is_some() || prior.is_some_and(|each| each.body_limit.is_some());
        let limit_is_set = !limit_is_managed || self.body_limit == live.body_limit;
        self.rules == live.rules && self.default_action == live.default_action && limit_is_set
    }

    /// Writes the ACL, looking at its newest version first: somebody may have changed it, or an attempt
    /// before this one made it so already. What is not ours in it stays: WAF takes the whole at once.
    async fn put(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Live<Self>) -> Result<(), CloudError> {
        const OPERATION: &str = "wafv2:UpdateWebACL";
        let found = get(cx, &live.id).await?.ok_or_else(|| cut_answer("wafv2:GetWebACL", &self.name))?;
        let acl = found.web_acl.ok_or_else(|| cut_answer("wafv2:GetWebACL", &self.name))?;
        let now = rules::read(acl.clone(), live.inputs.tags.clone());
        if self.is_set(prior, &now) {
            return Ok(());
        }
        unchanged(OPERATION, &self.name, &live.inputs, &now)?;
        let request = cx.cloud.waf().update_web_acl().name(&acl.name).scope(Scope::Cloudfront).id(&acl.id);
        let request = request
            .set_lock_token(found.lock_token)
            .default_action(self.default_action())
            .set_rules(Some(rules::write(&self.rules)?))
            .set_association_config(self.association(prior, acl.association_config)?)
            .set_description(acl.description.filter(|text| !text.is_empty()))
            .set_visibility_config(acl.visibility_config)
            .set_custom_response_bodies(acl.custom_response_bodies)
            .set_captcha_config(acl.captcha_config)
            .set_challenge_config(acl.challenge_config)
            .set_token_domains(acl.token_domains)
            .set_data_protection_config(acl.data_protection_config)
            .set_on_source_d_do_s_protection_config(acl.on_source_d_do_s_protection_config);
        cx.cloud.call(OPERATION, &self.name, request.send()).await.map(drop)
    }

    /// Changes what differs.
    async fn update(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        let arn = &live.id;
        if !self.is_set(prior, &live.inputs) {
            self.put(cx, prior, live).await?;
        }
        let (write, remove) = tag_changes(&self.tags, prior.map(|each| &each.tags), &live.inputs.tags);
        if !write.is_empty() {
            cx.cloud
                .call(
                    "wafv2:TagResource",
                    &self.name,
                    cx.cloud.waf().tag_resource().resource_arn(arn).set_tags(Some(sdk_tags(&write)?)).send(),
                )
                .await?;
        }
        if !remove.is_empty() {
            cx.cloud
                .call(
                    "wafv2:UntagResource",
                    &self.name,
                    cx.cloud.waf().untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send(),
                )
                .await?;
        }
        Ok(Live { id: arn.clone(), inputs: self.clone(), outputs: live.outputs.clone() })
    }
}

impl Resource for WebAcl {
    const TYPE: &'static str = "web_acl";
    const IDENTITY: Identity = Identity::Name;
    const PLACE: Place = Place::UsEast1;
    const NAME_FIELD: Option<&'static str> = Some("name");
    const TAGGED: bool = true;
    const REPLACE_ON: &'static [&'static str] = &["name"];
    const LIMITS: &'static [(&'static str, &'static str)] =
        &[("name", "wafv2:CreateWebACL.Name"), ("rules/*/name", "wafv2:CreateWebACL.Rules.Name")];
    const STABLE: &'static [&'static str] = &["arn"];
    const SPREAD: Spread = Spread::UsedAtTheEdge;
    const ACTIONS: &'static [&'static str] = &[
        "wafv2:ListWebACLs",
        "wafv2:GetWebACL",
        "wafv2:ListTagsForResource",
        "wafv2:CreateWebACL",
        "wafv2:UpdateWebACL",
        "wafv2:TagResource",
        "wafv2:UntagResource",
        "wafv2:DeleteWebACL",
    ];
    type Outputs = WebAclOutputs;
    type Cloud = Cloud;

    async fn read_many(cx: &Cx<Cloud>, keys: &[Key<Self>]) -> Result<Vec<Option<Live<Self>>>, CloudError> {
        all_of(keys.iter().map(|key| read(cx, key.id.as_deref(), &key.inputs.name)).collect()).await
    }

    async fn reconcile(
        &self,
        cx: &Cx<Cloud>,
        prior: Option<&Self>,
        live: Option<&Live<Self>>,
    ) -> Result<Live<Self>, CloudError> {
        match live {
            Some(live) => self.update(cx, prior, live).await,
            None => self.create(cx).await,
        }
    }

    async fn delete(cx: &Cx<Cloud>, live: &Live<Self>) -> Result<(), CloudError> {
        let Some(found) = get(cx, &live.id).await? else { return Ok(()) };
        let Some(acl) = found.web_acl else { return Ok(()) };
        let request = cx
            .cloud
            .waf()
            .delete_web_acl()
            .name(&acl.name)
            .scope(Scope::Cloudfront)
            .id(&acl.id)
            .set_lock_token(found.lock_token);
        cx.cloud.find("wafv2:DeleteWebACL", &acl.name, MISSING, request.send()).await.map(drop)
    }

    async fn list(cx: &Cx<Cloud>, owner: &Owner) -> Result<Vec<Live<Self>>, CloudError> {
        listing::read_each(listing::web_acls(cx, owner).await?, |arn| async move { read(cx, Some(&arn), "").await })
            .await
    }
}
