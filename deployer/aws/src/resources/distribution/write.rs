//! From our form of a distribution to CloudFront's: what we do not manage stays as it is. Pure.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{
    Aliases, AllowedMethods, CacheBehavior, CacheBehaviors, CachedMethods, CustomErrorResponse, CustomErrorResponses,
    CustomHeaders, CustomOriginConfig, DefaultCacheBehavior, DistributionConfig, EventType, FunctionAssociation,
    FunctionAssociations, HttpVersion, Method, MinimumProtocolVersion, OriginCustomHeader, OriginProtocolPolicy,
    OriginSslProtocols, Origins, PriceClass, S3OriginConfig, SslProtocol, SslSupportMethod, ViewerCertificate,
    ViewerProtocolPolicy,
};
use aws_smithy_types::error::operation::BuildError;

use super::form::{Behavior, Distribution, ErrorRule, GENERATION_HEADER, Origin, Protocol, SECRET_HEADER};

/// Values of secrets by the id of the origin that sends them.
pub(super) type Secrets = BTreeMap<String, String>;

/// A distribution with nothing in it but what CloudFront always asks for.
pub(super) fn empty(caller_reference: &str) -> Result<DistributionConfig, BuildError> {
    let behavior = DefaultCacheBehavior::builder()
        .target_origin_id("")
        .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
        .build()?;
    let origins = Origins::builder().quantity(0).set_items(Some(Vec::new())).build()?;
    DistributionConfig::builder()
        .caller_reference(caller_reference)
        .comment("")
        .enabled(true)
        .origins(origins)
        .default_cache_behavior(behavior)
        .build()
}

/// `base` with everything that `wanted` says; what `prior` said and `wanted` says no more is reset.
pub(super) fn config(
    wanted: &Distribution,
    prior: Option<&Distribution>,
    base: DistributionConfig,
    secrets: &Secrets,
) -> Result<DistributionConfig, BuildError> {
    let mut config = base;
    config.comment.clone_from(&wanted.name);
    config.enabled = wanted.enabled;
    config.origins = Some(origins(wanted, config.origins, secrets)?);
    config.default_cache_behavior = Some(default_behavior(&wanted.default_behavior, config.default_cache_behavior)?);
    config.cache_behaviors = Some(behaviors(&wanted.behaviors, config.cache_behaviors)?);
    config.custom_error_responses = Some(errors(&wanted.errors)?);
    let reset = |was: Option<&Option<String>>| was.is_some_and(Option::is_some).then(String::new);
    if let Some(page) = wanted.root_page.clone().or_else(|| reset(prior.map(|each| &each.root_page))) {
        config.default_root_object = Some(page);
    }
    match (&wanted.own, prior.and_then(|each| each.own.as_ref())) {
        (Some(own), _) => {
            config.aliases = Some(aliases(&own.domains)?);
            config.viewer_certificate = Some(
                ViewerCertificate::builder()
                    .acm_certificate_arn(&own.certificate_arn)
                    .ssl_support_method(SslSupportMethod::SniOnly)
                    .minimum_protocol_version(MinimumProtocolVersion::from(own.tls.as_str()))
                    .build(),
            );
        }
        (None, Some(_)) => {
            config.aliases = Some(aliases(&[])?);
            config.viewer_certificate =
                Some(ViewerCertificate::builder().cloud_front_default_certificate(true).build());
        }
        (None, None) => {}
    }
    if let Some(arn) = wanted.web_acl_arn.clone().or_else(|| reset(prior.map(|each| &each.web_acl_arn))) {
        config.web_acl_id = Some(arn);
    }
    if let Some(class) = &wanted.price_class {
        config.price_class = Some(PriceClass::from(class.as_str()));
    }
    if let Some(version) = &wanted.http_version {
        config.http_version = Some(HttpVersion::from(version.as_str()));
    }
    if wanted.ipv6.is_some() {
        config.is_ipv6_enabled = wanted.ipv6;
    }
    Ok(config)
}

fn aliases(domains: &[String]) -> Result<Aliases, BuildError> {
    let items = Some(domains.to_vec()).filter(|each| !each.is_empty());
    Aliases::builder().quantity(quantity(domains.len())).set_items(items).build()
}

fn quantity(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

fn origins(wanted: &Distribution, base: Option<Origins>, secrets: &Secrets) -> Result<Origins, BuildError> {
    let mut known: Vec<_> = base.map(|each| each.items).unwrap_or_default();
    let mut items = Vec::new();
    for each in &wanted.origins {
        let at = known.iter().position(|one| one.id == each.id);
        let base = match at {
            Some(at) => known.remove(at),
            None => aws_sdk_cloudfront::types::Origin::builder().id(&each.id).domain_name(&each.domain).build()?,
        };
        items.push(origin(each, base, secrets.get(&each.id))?);
    }
    Origins::builder().quantity(quantity(items.len())).set_items(Some(items)).build()
}

fn origin(
    wanted: &Origin,
    base: aws_sdk_cloudfront::types::Origin,
    secret: Option<&String>,
) -> Result<aws_sdk_cloudfront::types::Origin, BuildError> {
    let mut origin = base;
    origin.domain_name.clone_from(&wanted.domain);
    origin.origin_path = Some(wanted.path.clone().unwrap_or_default());
    origin.origin_access_control_id = Some(wanted.access_control.clone().unwrap_or_default());
    let headers = match (&wanted.secret, secret) {
        (Some(reference), Some(value)) => {
            vec![header(SECRET_HEADER, value)?, header(GENERATION_HEADER, &reference.generation)?]
        }
        _ => Vec::new(),
    };
    origin.custom_headers = Some(
        CustomHeaders::builder()
            .quantity(quantity(headers.len()))
            .set_items(Some(headers).filter(|each| !each.is_empty()))
            .build()?,
    );
    match wanted.protocol {
        Protocol::S3 => {
            origin.custom_origin_config = None;
            let mut s3 = origin.s3_origin_config.unwrap_or_else(|| S3OriginConfig::builder().build());
            // With an origin access control there is no identity of the older sort.
            s3.origin_access_identity = String::new();
            origin.s3_origin_config = Some(s3);
        }
        Protocol::Https | Protocol::Other => {
            origin.s3_origin_config = None;
            origin.custom_origin_config = Some(strict(origin.custom_origin_config)?);
        }
    }
    Ok(origin)
}

fn header(name: &str, value: &str) -> Result<OriginCustomHeader, BuildError> {
    OriginCustomHeader::builder().header_name(name).header_value(value).build()
}

/// HTTPS alone, TLS 1.2 alone; time-outs stay.
fn strict(base: Option<CustomOriginConfig>) -> Result<CustomOriginConfig, BuildError> {
    let protocols = OriginSslProtocols::builder().quantity(1).items(SslProtocol::TlSv12).build()?;
    let Some(mut custom) = base else {
        return CustomOriginConfig::builder()
            .http_port(80)
            .https_port(443)
            .origin_protocol_policy(OriginProtocolPolicy::HttpsOnly)
            .origin_ssl_protocols(protocols)
            .build();
    };
    custom.https_port = 443;
    custom.origin_protocol_policy = OriginProtocolPolicy::HttpsOnly;
    custom.origin_ssl_protocols = Some(protocols);
    Ok(custom)
}

fn allowed(methods: &[String]) -> Result<AllowedMethods, BuildError> {
    let cached = CachedMethods::builder().quantity(2).items(Method::Get).items(Method::Head).build()?;
    let items: Vec<_> = methods.iter().map(|each| Method::from(each.as_str())).collect();
    AllowedMethods::builder().quantity(quantity(items.len())).set_items(Some(items)).cached_methods(cached).build()
}

/// The function of ours, and what others have run at the other moments of a request.
fn functions(wanted: Option<&String>, base: Option<FunctionAssociations>) -> Result<FunctionAssociations, BuildError> {
    let mut items = base.and_then(|each| each.items).unwrap_or_default();
    items.retain(|each| each.event_type != EventType::ViewerRequest);
    if let Some(arn) = wanted {
        items.push(FunctionAssociation::builder().event_type(EventType::ViewerRequest).function_arn(arn).build()?);
    }
    FunctionAssociations::builder()
        .quantity(quantity(items.len()))
        .set_items(Some(items).filter(|each| !each.is_empty()))
        .build()
}

/// A cache policy and the older way to say the same exclude each other.
macro_rules! write_behavior {
    ($behavior:ident, $wanted:ident) => {{
        $behavior.target_origin_id.clone_from(&$wanted.to);
        $behavior.viewer_protocol_policy = ViewerProtocolPolicy::from($wanted.viewer_protocol.as_str());
        $behavior.allowed_methods = Some(allowed(&$wanted.methods)?);
        $behavior.compress = Some($wanted.compress);
        $behavior.cache_policy_id = Some($wanted.cache_policy.clone());
        $behavior.origin_request_policy_id.clone_from(&$wanted.request_policy);
        $behavior.response_headers_policy_id.clone_from(&$wanted.headers_policy);
        $behavior.function_associations =
            Some(functions($wanted.viewer_function.as_ref(), $behavior.function_associations.take())?);
        #[expect(deprecated, reason = "adopted distributions may still have these")]
        {
            $behavior.forwarded_values = None;
            $behavior.min_ttl = None;
            $behavior.default_ttl = None;
            $behavior.max_ttl = None;
        }
        Ok($behavior)
    }};
}

fn default_behavior(wanted: &Behavior, base: Option<DefaultCacheBehavior>) -> Result<DefaultCacheBehavior, BuildError> {
    let mut behavior = match base {
        Some(base) => base,
        None => DefaultCacheBehavior::builder()
            .target_origin_id("")
            .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
            .build()?,
    };
    write_behavior!(behavior, wanted)
}

fn behaviors(wanted: &[Behavior], base: Option<CacheBehaviors>) -> Result<CacheBehaviors, BuildError> {
    let mut known = base.and_then(|each| each.items).unwrap_or_default();
    let mut items = Vec::new();
    for each in wanted {
        let path = each.path.clone().unwrap_or_default();
        let at = known.iter().position(|one| one.path_pattern == path);
        let base = match at {
            Some(at) => known.remove(at),
            None => CacheBehavior::builder()
                .path_pattern(path)
                .target_origin_id("")
                .viewer_protocol_policy(ViewerProtocolPolicy::RedirectToHttps)
                .build()?,
        };
        items.push(path_behavior(each, base)?);
    }
    CacheBehaviors::builder()
        .quantity(quantity(items.len()))
        .set_items(Some(items).filter(|each| !each.is_empty()))
        .build()
}

fn path_behavior(wanted: &Behavior, mut behavior: CacheBehavior) -> Result<CacheBehavior, BuildError> {
    write_behavior!(behavior, wanted)
}

/// Errors without a page: ours never have one, because a page would be shown for errors of the API too.
fn errors(wanted: &[ErrorRule]) -> Result<CustomErrorResponses, BuildError> {
    let items: Result<Vec<_>, _> = wanted
        .iter()
        .map(|each| CustomErrorResponse::builder().error_code(each.status).error_caching_min_ttl(each.seconds).build())
        .collect();
    let items = items?;
    CustomErrorResponses::builder()
        .quantity(quantity(items.len()))
        .set_items(Some(items).filter(|each| !each.is_empty()))
        .build()
}
