//! Flat-rate plans of CloudFront: which distributions are paid for by the month, and may be changed less freely.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use deployer_engine::resource::CloudError;
use serde::Deserialize;
use serde_json::json;

use super::Cloud;
use super::json::fault;
use super::signed::Question;

/// Where plans are asked for, for all regions. Source: Pricing Plan Manager, endpoints.
const HOST: &str = "https://pricingplanmanager.us-east-1.api.aws";
/// The region that its requests are signed for.
const REGION: &str = "us-east-1";
/// For whom they are signed.
const SERVICE: &str = "pricingplanmanager";

/// A flat-rate plan. Source: Pricing Plan Manager, SubscriptionSummary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// How much it holds: `FREE`, `PRO`, `BUSINESS`, `PREMIUM`.
    pub plan_tier: String,
    /// The ARNs of what it holds: a distribution and its web ACL.
    #[serde(default)]
    pub resource_arns: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    #[serde(default)]
    subscription_summaries: Vec<Plan>,
    next_token: Option<String>,
}

impl Plan {
    /// The ids of its distributions.
    pub fn distributions(&self) -> impl Iterator<Item = &str> {
        self.resource_arns.iter().filter_map(|arn| arn.split_once(":distribution/").map(|(_, id)| id))
    }
}

impl Cloud {
    /// The account's flat-rate plans. A call for each page of them.
    pub async fn plans(&self) -> Result<Vec<Plan>, CloudError> {
        let (mut plans, mut after) = (Vec::new(), None);
        loop {
            let page = self.call("pricingplanmanager:ListSubscriptions", "", self.page_of_plans(after)).await?;
            plans.extend(page.subscription_summaries);
            after = page.next_token.filter(|token| !token.is_empty());
            if after.is_none() {
                return Ok(plans);
            }
        }
    }

    async fn page_of_plans(&self, after: Option<String>) -> Result<Page, SdkError<ErrorMetadata, HttpResponse>> {
        let base = self.target.endpoint.as_deref().unwrap_or(HOST).trim_end_matches('/');
        let address = format!("{base}/v1/ListSubscriptions");
        let body = after.map_or_else(|| json!({}), |token| json!({ "nextToken": token }));
        let question = Question {
            service: SERVICE,
            region: REGION,
            method: "POST",
            address: &address,
            headers: &[("content-type", "application/json")],
            body: body.to_string(),
        };
        let (answer, text) = self.exchange(question, fault).await?;
        serde_json::from_slice(&text).map_err(|error| SdkError::response_error(error, answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer in the form of the service's own reference.
    #[test]
    fn a_plan_tells_its_tier_and_its_distributions() {
        let text = r#"{"subscriptionSummaries":[{"arn":"arn:aws:pricingplanmanager::111122223333:subscription:s1",
            "planFamily":"CloudFront","planTier":"PRO","status":"ACTIVE","eTag":"1","resourceArns":[
            "arn:aws:cloudfront::111122223333:distribution/E1A2B3",
            "arn:aws:wafv2:us-east-1:111122223333:global/webacl/edge/id"]}],"nextToken":null}"#;
        let page: Page = serde_json::from_str(text).expect("an answer");
        let plan = page.subscription_summaries.first().expect("a plan");
        assert_eq!((plan.plan_tier.as_str(), plan.distributions().collect::<Vec<_>>()), ("PRO", vec!["E1A2B3"]));
        assert_eq!(page.next_token, None);
        assert!(serde_json::from_str::<Page>("{}").expect("an answer").subscription_summaries.is_empty());
    }
}
