//! Finding distributions, by their id or by their name.

use aws_sdk_cloudfront::types::Distribution as Found;
use deployer_engine::resource::{CloudError, Cx, Key, Live};

use super::super::cloudfront::{arn, cut_answer, read_tags};
use super::form::{Distribution, DistributionOutputs};
use super::read::form;
use crate::Cloud;

/// The code of "there is no such thing".
pub(super) const MISSING: &str = "NoSuchDistribution";

/// A distribution and the version that its next change must name.
pub(super) async fn get(cx: &Cx<Cloud>, id: &str) -> Result<Option<(Found, Option<String>)>, CloudError> {
    const OPERATION: &str = "cloudfront:GetDistribution";
    let answer =
        cx.cloud.find(OPERATION, id, &[MISSING], cx.cloud.cloudfront().get_distribution().id(id).send()).await?;
    answer.map(|answer| Ok((answer.distribution.ok_or_else(|| cut_answer(OPERATION, id))?, answer.e_tag))).transpose()
}

/// The id of the distribution of that comment.
pub(super) async fn id_by_name(cx: &Cx<Cloud>, name: &str) -> Result<Option<String>, CloudError> {
    let mut marker = None;
    loop {
        let answer = cx
            .cloud
            .call(
                "cloudfront:ListDistributions",
                name,
                cx.cloud.cloudfront().list_distributions().set_marker(marker).send(),
            )
            .await?;
        let Some(page) = answer.distribution_list else { return Ok(None) };
        let found = page.items.unwrap_or_default().into_iter().find(|each| each.comment == name);
        marker = page.next_marker.filter(|next| page.is_truncated && !next.is_empty());
        if found.is_some() || marker.is_none() {
            return Ok(found.map(|each| each.id));
        }
    }
}

/// The distribution that a key identifies.
pub(super) async fn read(cx: &Cx<Cloud>, key: &Key<Distribution>) -> Result<Option<Live<Distribution>>, CloudError> {
    let id = match &key.id {
        Some(id) => id.clone(),
        None => match id_by_name(cx, &key.inputs.name).await? {
            Some(id) => id,
            None => return Ok(None),
        },
    };
    read_by_id(cx, &id, &key.inputs).await
}

/// The distribution of that id, in the form of the inputs.
pub(super) async fn read_by_id(
    cx: &Cx<Cloud>,
    id: &str,
    known: &Distribution,
) -> Result<Option<Live<Distribution>>, CloudError> {
    let arn = arn(cx, "distribution", id);
    let (found, tags) = futures::try_join!(get(cx, id), read_tags(cx, &arn))?;
    let (Some((found, _)), Some(tags)) = (found, tags) else { return Ok(None) };
    let outputs = outputs(cx, &found);
    let config = found.distribution_config.ok_or_else(|| cut_answer("cloudfront:GetDistribution", id))?;
    Ok(Some(Live { id: id.to_owned(), inputs: form(config, tags, known), outputs }))
}

/// What CloudFront minted for it.
pub(super) fn outputs(cx: &Cx<Cloud>, found: &Found) -> DistributionOutputs {
    let url = url(&found.domain_name, cx.cloud.target.edge.as_deref());
    DistributionOutputs { id: found.id.clone(), arn: found.arn.clone(), domain: found.domain_name.clone(), url }
}

/// Where a browser reaches a domain of CloudFront: on the local AWS through a door of its own, `edge`.
pub(super) fn url(domain: &str, edge: Option<&str>) -> String {
    let label = domain.split('.').next().unwrap_or_default();
    match edge.map(|edge| edge.trim_end_matches('/').rsplit_once(':').map_or("80", |(_, port)| port)) {
        Some(port) => format!("http://{label}.cloudfront.localhost:{port}"),
        None => format!("https://{domain}"),
    }
}
