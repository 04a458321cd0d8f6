//! A cache policy in our words and in CloudFront's. Pure.

use aws_sdk_cloudfront::types::{
    CachePolicyConfig, CachePolicyCookieBehavior, CachePolicyCookiesConfig, CachePolicyHeaderBehavior,
    CachePolicyHeadersConfig, CachePolicyQueryStringBehavior, CachePolicyQueryStringsConfig,
    ParametersInCacheKeyAndForwardedToOrigin,
};
use deployer_engine::resource::{CloudError, Live};

use super::super::cloudfront::unusable;
use super::{CachePolicy, CachePolicyOutputs};
use crate::claim;

/// What a live policy keys on, in one text.
fn key(parameters: Option<&ParametersInCacheKeyAndForwardedToOrigin>) -> String {
    let cookies =
        parameters.and_then(|each| each.cookies_config.as_ref()).map_or("none", |each| each.cookie_behavior.as_str());
    let headers =
        parameters.and_then(|each| each.headers_config.as_ref()).map_or("none", |each| each.header_behavior.as_str());
    let query = parameters
        .and_then(|each| each.query_strings_config.as_ref())
        .map_or("none", |each| each.query_string_behavior.as_str());
    format!("cookies: {cookies}, headers: {headers}, query: {query}")
}

/// The policy in the form of the inputs.
pub(super) fn live_of(id: String, config: CachePolicyConfig) -> Live<CachePolicy> {
    let inputs = CachePolicy {
        key: key(config.parameters_in_cache_key_and_forwarded_to_origin.as_ref()),
        min_seconds: config.min_ttl,
        default_seconds: config.default_ttl.unwrap_or_default(),
        max_seconds: config.max_ttl.unwrap_or_default(),
        tags: claim::told(config.comment.as_deref().unwrap_or_default()),
        name: config.name,
    };
    Live { id: id.clone(), inputs, outputs: CachePolicyOutputs { id } }
}

impl CachePolicy {
    /// The policy as CloudFront takes it.
    pub(super) fn config(&self) -> Result<CachePolicyConfig, CloudError> {
        let cookies = CachePolicyCookiesConfig::builder()
            .cookie_behavior(CachePolicyCookieBehavior::None)
            .build()
            .map_err(|error| unusable(&error))?;
        let headers = CachePolicyHeadersConfig::builder()
            .header_behavior(CachePolicyHeaderBehavior::None)
            .build()
            .map_err(|error| unusable(&error))?;
        let query = CachePolicyQueryStringsConfig::builder()
            .query_string_behavior(CachePolicyQueryStringBehavior::All)
            .build()
            .map_err(|error| unusable(&error))?;
        let parameters = ParametersInCacheKeyAndForwardedToOrigin::builder()
            .enable_accept_encoding_gzip(false)
            .enable_accept_encoding_brotli(false);
        let parameters = parameters
            .cookies_config(cookies)
            .headers_config(headers)
            .query_strings_config(query)
            .build()
            .map_err(|error| unusable(&error))?;
        CachePolicyConfig::builder()
            .name(&self.name)
            .comment(claim::text(&self.tags))
            .min_ttl(self.min_seconds)
            .default_ttl(self.default_seconds)
            .max_ttl(self.max_seconds)
            .parameters_in_cache_key_and_forwarded_to_origin(parameters)
            .build()
            .map_err(|error| unusable(&error))
    }
}
