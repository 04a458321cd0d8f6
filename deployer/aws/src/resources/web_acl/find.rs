//! Finding web ACLs, by their ARN or by their name.

use aws_sdk_wafv2::operation::get_web_acl::GetWebAclOutput;
use aws_sdk_wafv2::types::Scope;
use deployer_engine::resource::{CloudError, Cx, Live};

use super::form::{WebAcl, WebAclOutputs};
use super::rules;
use crate::Cloud;
use crate::naming::{Tags, own_tags};

/// The code of "there is no such thing".
pub(super) const MISSING: &[&str] = &["WAFNonexistentItemException"];
/// ACLs that one listing gives.
const PAGE: i32 = 100;

/// The name and the id in an ACL's ARN: `arn:aws:wafv2:us-east-1:…:global/webacl/<name>/<id>`.
fn name_and_id(arn: &str) -> Option<(&str, &str)> {
    let mut parts = arn.rsplit('/');
    let id = parts.next()?;
    Some((parts.next()?, id))
}

/// An ACL and the token that its next change must name.
pub(super) async fn get(cx: &Cx<Cloud>, arn: &str) -> Result<Option<GetWebAclOutput>, CloudError> {
    let (name, id) = name_and_id(arn).ok_or_else(|| CloudError::inputs(arn, "this is no ARN of a web ACL"))?;
    let request = cx.cloud.waf().get_web_acl().name(name).scope(Scope::Cloudfront).id(id);
    cx.cloud.find("wafv2:GetWebACL", name, MISSING, request.send()).await
}

async fn arn_by_name(cx: &Cx<Cloud>, name: &str) -> Result<Option<String>, CloudError> {
    let mut marker = None;
    loop {
        let request = cx.cloud.waf().list_web_acls().scope(Scope::Cloudfront).limit(PAGE).set_next_marker(marker);
        let page = cx.cloud.call("wafv2:ListWebACLs", name, request.send()).await?;
        let found = page.web_acls.unwrap_or_default().into_iter().find(|each| each.name.as_deref() == Some(name));
        marker = page.next_marker.filter(|next| !next.is_empty());
        if found.is_some() || marker.is_none() {
            return Ok(found.and_then(|each| each.arn));
        }
    }
}

async fn read_tags(cx: &Cx<Cloud>, arn: &str) -> Result<Option<Tags>, CloudError> {
    let answer = cx
        .cloud
        .find(
            "wafv2:ListTagsForResource",
            arn,
            MISSING,
            cx.cloud.waf().list_tags_for_resource().resource_arn(arn).send(),
        )
        .await?;
    let tags = answer.map(|answer| answer.tag_info_for_resource.and_then(|each| each.tag_list).unwrap_or_default());
    Ok(tags.map(|tags| own_tags(tags.into_iter().map(|tag| (tag.key, tag.value)))))
}

/// The ACL of that ARN, or else of that name, in the form of the inputs.
pub(super) async fn read(cx: &Cx<Cloud>, id: Option<&str>, name: &str) -> Result<Option<Live<WebAcl>>, CloudError> {
    let arn = match id {
        Some(arn) => arn.to_owned(),
        None => match arn_by_name(cx, name).await? {
            Some(arn) => arn,
            None => return Ok(None),
        },
    };
    let (found, tags) = futures::try_join!(get(cx, &arn), read_tags(cx, &arn))?;
    let (Some(acl), Some(tags)) = (found.and_then(|each| each.web_acl), tags) else { return Ok(None) };
    Ok(Some(Live { id: arn.clone(), inputs: rules::read(acl, tags), outputs: WebAclOutputs { arn } }))
}
