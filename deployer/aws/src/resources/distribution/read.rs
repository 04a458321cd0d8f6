//! From CloudFront's form of a distribution to ours. Pure. Values of headers stay behind.

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CustomErrorResponse, CustomOriginConfig, DefaultCacheBehavior,
    DistributionConfig, EventType, FunctionAssociations, OriginProtocolPolicy, SslProtocol, ViewerCertificate,
};
use deployer_engine::secret::SecretRef;

use super::form::{Behavior, Distribution, ErrorRule, GENERATION_HEADER, Origin, Own, Protocol, SECRET_HEADER};
use crate::naming::Tags;

/// The distribution in our form. `known` are the inputs that we know it by: they tell the name of a
/// secret, of which CloudFront carries the generation only.
pub(super) fn form(config: DistributionConfig, tags: Tags, known: &Distribution) -> Distribution {
    let mut origins: Vec<_> =
        config.origins.into_iter().flat_map(|each| each.items).map(|each| origin(each, known)).collect();
    origins.sort_by(|one, other| one.id.cmp(&other.id));
    let mut errors: Vec<_> = config
        .custom_error_responses
        .and_then(|each| each.items)
        .unwrap_or_default()
        .into_iter()
        .map(error_rule)
        .collect();
    errors.sort_by_key(|each| each.status);
    Distribution {
        name: config.comment,
        enabled: config.enabled,
        origins,
        // Where CloudFront does not tell it: one that differs from every wanted one.
        default_behavior: config.default_cache_behavior.map(default_behavior).unwrap_or_default(),
        behaviors: config
            .cache_behaviors
            .and_then(|each| each.items)
            .unwrap_or_default()
            .into_iter()
            .map(behavior)
            .collect(),
        root_page: filled(config.default_root_object),
        own: own(config.aliases, config.viewer_certificate),
        web_acl_arn: config.web_acl_id.filter(|arn| !arn.is_empty()),
        price_class: config.price_class.map(|each| each.to_string()),
        http_version: config.http_version.map(|each| each.to_string()),
        ipv6: config.is_ipv6_enabled,
        errors,
        tags,
    }
}

/// What stands there without a domain is CloudFront's own.
fn own(aliases: Option<Aliases>, shown: Option<ViewerCertificate>) -> Option<Own> {
    let mut domains = aliases.and_then(|each| each.items).filter(|items| !items.is_empty())?;
    domains.sort();
    let shown = shown?;
    Some(Own {
        domains,
        certificate_arn: shown.acm_certificate_arn.unwrap_or_default(),
        tls: shown.minimum_protocol_version.map(|each| each.to_string()).unwrap_or_default(),
    })
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn origin(origin: aws_sdk_cloudfront::types::Origin, known: &Distribution) -> Origin {
    let headers = origin.custom_headers.and_then(|each| each.items).unwrap_or_default();
    let is = |name: &str| headers.iter().find(|each| each.header_name.eq_ignore_ascii_case(name));
    let secret = match (is(SECRET_HEADER), is(GENERATION_HEADER)) {
        (Some(_), Some(generation)) => {
            let name = known
                .origins
                .iter()
                .find(|each| each.id == origin.id)
                .and_then(|each| each.secret.as_ref())
                .map(|each| each.name.clone());
            name.map(|name| SecretRef { name, generation: generation.header_value.clone() })
        }
        _ => None,
    };
    let ours = |name: &str| {
        secret.is_some() && [SECRET_HEADER, GENERATION_HEADER].iter().any(|each| each.eq_ignore_ascii_case(name))
    };
    let mut other_headers: Vec<_> =
        headers.iter().map(|each| each.header_name.to_ascii_lowercase()).filter(|name| !ours(name)).collect();
    other_headers.sort();
    let protocol = match (&origin.s3_origin_config, &origin.custom_origin_config) {
        (Some(_), _) => Protocol::S3,
        (None, Some(custom)) if is_strict(custom) => Protocol::Https,
        _ => Protocol::Other,
    };
    Origin {
        id: origin.id,
        domain: origin.domain_name,
        path: filled(origin.origin_path),
        protocol,
        access_control: filled(origin.origin_access_control_id),
        secret,
        other_headers,
    }
}

fn is_strict(custom: &CustomOriginConfig) -> bool {
    let protocols = custom.origin_ssl_protocols.as_ref().map(|each| each.items.as_slice()).unwrap_or_default();
    custom.origin_protocol_policy == OriginProtocolPolicy::HttpsOnly
        && custom.https_port == 443
        && *protocols == [SslProtocol::TlSv12]
}

fn methods(allowed: Option<AllowedMethods>) -> Vec<String> {
    let mut methods: Vec<_> = allowed.map_or_else(
        || vec!["GET".to_owned(), "HEAD".to_owned()],
        |each| each.items.iter().map(ToString::to_string).collect(),
    );
    methods.sort();
    methods
}

fn viewer_function(associations: Option<FunctionAssociations>) -> Option<String> {
    let items = associations.and_then(|each| each.items).unwrap_or_default();
    items.into_iter().find(|each| each.event_type == EventType::ViewerRequest).map(|each| each.function_arn)
}

macro_rules! form_of {
    ($behavior:ident, $path:expr) => {
        Behavior {
            path: $path,
            to: $behavior.target_origin_id,
            methods: methods($behavior.allowed_methods),
            viewer_protocol: $behavior.viewer_protocol_policy.to_string(),
            compress: $behavior.compress.unwrap_or_default(),
            cache_policy: $behavior.cache_policy_id.unwrap_or_default(),
            request_policy: filled($behavior.origin_request_policy_id),
            headers_policy: filled($behavior.response_headers_policy_id),
            viewer_function: viewer_function($behavior.function_associations),
        }
    };
}

fn default_behavior(behavior: DefaultCacheBehavior) -> Behavior {
    form_of!(behavior, None)
}

fn behavior(behavior: CacheBehavior) -> Behavior {
    form_of!(behavior, Some(behavior.path_pattern))
}

fn error_rule(rule: CustomErrorResponse) -> ErrorRule {
    let page = filled(rule.response_page_path).map(|page| match filled(rule.response_code) {
        Some(status) => format!("{page} as {status}"),
        None => page,
    });
    // CloudFront's own minimum where none is set.
    const DEFAULT_SECONDS: i64 = 10;
    ErrorRule { status: rule.error_code, seconds: rule.error_caching_min_ttl.unwrap_or(DEFAULT_SECONDS), page }
}
