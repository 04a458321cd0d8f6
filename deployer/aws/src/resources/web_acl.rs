//! Web ACLs for CloudFront: what WAF looks at before a request reaches a distribution.

mod find;
mod form;
mod rules;

use aws_sdk_wafv2::types::{
    AllowAction, AssociatedResourceType, AssociationConfig, BlockAction, DefaultAction,
    RequestBodyAssociatedResourceTypeConfig, Scope, SizeInspectionLimit, Tag,
};
use deployer_engine::resource::{CloudError, Cx, Identity, Key, Live, Place, Resource};

use self::find::{MISSING, get, read};
pub use self::form::{Check, PathTest, Rule, WebAcl, WebAclOutputs};
use super::cloudfront::{cut_answer, unusable};
use crate::Cloud;
use crate::client::all_of;
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

    /// How much of a body is looked at; `None`: as `base` says.
    fn association(&self, base: Option<AssociationConfig>) -> Result<Option<AssociationConfig>, CloudError> {
        let Some(limit) = &self.body_limit else { return Ok(base) };
        let limit = RequestBodyAssociatedResourceTypeConfig::builder()
            .default_size_inspection_limit(SizeInspectionLimit::from(limit.as_str()))
            .build()
            .map_err(|error| unusable(&error))?;
        let mut association = base.unwrap_or_else(|| AssociationConfig::builder().build());
        association.request_body.get_or_insert_default().insert(AssociatedResourceType::Cloudfront, limit);
        Ok(Some(association))
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
            .set_association_config(self.association(None)?)
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

    /// What is not ours in it stays: WAF takes the whole ACL at once.
    async fn update(&self, cx: &Cx<Cloud>, prior: Option<&Self>, live: &Live<Self>) -> Result<Live<Self>, CloudError> {
        let arn = &live.id;
        let limit_differs = self.body_limit.is_some() && self.body_limit != live.inputs.body_limit;
        if self.rules != live.inputs.rules || self.default_action != live.inputs.default_action || limit_differs {
            let found = get(cx, arn).await?.ok_or_else(|| cut_answer("wafv2:GetWebACL", &self.name))?;
            let acl = found.web_acl.ok_or_else(|| cut_answer("wafv2:GetWebACL", &self.name))?;
            let request = cx
                .cloud
                .waf()
                .update_web_acl()
                .name(&acl.name)
                .scope(Scope::Cloudfront)
                .id(&acl.id)
                .set_lock_token(found.lock_token);
            let request = request
                .default_action(self.default_action())
                .set_rules(Some(rules::write(&self.rules)?))
                .set_association_config(self.association(acl.association_config)?);
            let request = request
                .set_description(acl.description.filter(|text| !text.is_empty()))
                .set_visibility_config(acl.visibility_config);
            let request = request
                .set_custom_response_bodies(acl.custom_response_bodies)
                .set_captcha_config(acl.captcha_config)
                .set_challenge_config(acl.challenge_config);
            let request =
                request.set_token_domains(acl.token_domains).set_data_protection_config(acl.data_protection_config);
            cx.cloud.call("wafv2:UpdateWebACL", &self.name, request.send()).await?;
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
    const STABLE: &'static [&'static str] = &["arn"];
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
}
