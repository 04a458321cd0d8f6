//! Headers as browsers get them, and as CloudFront takes them: some in fields of their own. Pure.

use std::collections::BTreeMap;

use aws_sdk_cloudfront::types::{
    FrameOptionsList, ReferrerPolicyList, ResponseHeadersPolicyConfig, ResponseHeadersPolicyContentSecurityPolicy,
    ResponseHeadersPolicyContentTypeOptions, ResponseHeadersPolicyCustomHeader,
    ResponseHeadersPolicyCustomHeadersConfig, ResponseHeadersPolicyFrameOptions, ResponseHeadersPolicyReferrerPolicy,
    ResponseHeadersPolicySecurityHeadersConfig, ResponseHeadersPolicyStrictTransportSecurity,
    ResponseHeadersPolicyXssProtection,
};
use aws_smithy_types::error::operation::BuildError;
use deployer_engine::resource::CloudError;

use super::super::cloudfront::unusable;
use super::ResponseHeadersPolicy;
use crate::claim;

const CONTENT_SECURITY_POLICY: &str = "content-security-policy";
const CONTENT_TYPE_OPTIONS: &str = "x-content-type-options";
const FRAME_OPTIONS: &str = "x-frame-options";
const REFERRER_POLICY: &str = "referrer-policy";
const STRICT_TRANSPORT_SECURITY: &str = "strict-transport-security";
const XSS_PROTECTION: &str = "x-xss-protection";

/// The policy in the form of the inputs.
pub(super) fn read(config: ResponseHeadersPolicyConfig) -> ResponseHeadersPolicy {
    let mut found = Found::default();
    let security = config.security_headers_config;
    if let Some(security) = security {
        found.add(
            CONTENT_SECURITY_POLICY,
            security.content_security_policy.map(|each| (each.content_security_policy, each.r#override)),
        );
        found.add(
            CONTENT_TYPE_OPTIONS,
            security.content_type_options.map(|each| ("nosniff".to_owned(), each.r#override)),
        );
        found.add(FRAME_OPTIONS, security.frame_options.map(|each| (each.frame_option.to_string(), each.r#override)));
        found.add(
            REFERRER_POLICY,
            security.referrer_policy.map(|each| (each.referrer_policy.to_string(), each.r#override)),
        );
        found.add(
            STRICT_TRANSPORT_SECURITY,
            security.strict_transport_security.map(|each| (transport_text(&each), each.r#override)),
        );
        found.add(XSS_PROTECTION, security.xss_protection.map(|each| (xss_text(&each), each.r#override)));
    }
    for custom in config.custom_headers_config.and_then(|each| each.items).unwrap_or_default() {
        found.add(&custom.header.to_ascii_lowercase(), Some((custom.value, custom.r#override)));
    }
    ResponseHeadersPolicy {
        name: config.name,
        headers: found.headers,
        override_origin: found.overrides,
        tags: claim::told(config.comment.as_deref().unwrap_or_default()),
    }
}

#[derive(Default)]
struct Found {
    headers: BTreeMap<String, String>,
    overrides: bool,
}

impl Found {
    fn add(&mut self, name: &str, header: Option<(String, bool)>) {
        if let Some((value, overrides)) = header {
            self.overrides |= overrides;
            self.headers.insert(name.to_owned(), value);
        }
    }
}

fn transport_text(hsts: &ResponseHeadersPolicyStrictTransportSecurity) -> String {
    let subdomains = if hsts.include_subdomains == Some(true) { "; includeSubDomains" } else { "" };
    let preload = if hsts.preload == Some(true) { "; preload" } else { "" };
    format!("max-age={}{subdomains}{preload}", hsts.access_control_max_age_sec)
}

fn xss_text(xss: &ResponseHeadersPolicyXssProtection) -> String {
    format!("{}{}", u8::from(xss.protection), if xss.mode_block == Some(true) { "; mode=block" } else { "" })
}

/// The configuration with these headers and this owner in place of its own; everything else of it stays.
pub(super) fn write(
    policy: &ResponseHeadersPolicy,
    mut config: ResponseHeadersPolicyConfig,
) -> Result<ResponseHeadersPolicyConfig, CloudError> {
    let mut security = ResponseHeadersPolicySecurityHeadersConfig::builder().build();
    let mut custom = Vec::new();
    for (name, value) in &policy.headers {
        if name == STRICT_TRANSPORT_SECURITY {
            security.strict_transport_security = Some(transport(value, policy.override_origin)?);
        } else if (name == CONTENT_TYPE_OPTIONS && value != "nosniff") || name == XSS_PROTECTION {
            return Err(CloudError::inputs(name, format!("`{value}` cannot be the value of {name}")));
        } else if !set(&mut security, name, value, policy.override_origin).map_err(|error| unusable(&error))? {
            custom.push(custom_header(name, value, policy.override_origin).map_err(|error| unusable(&error))?);
        }
    }
    config.name.clone_from(&policy.name);
    config.comment = Some(claim::text(&policy.tags));
    config.security_headers_config = Some(security);
    config.custom_headers_config = custom_headers(custom).map_err(|error| unusable(&error))?;
    Ok(config)
}

/// Puts a header into the field that CloudFront has for it; `false`: it has none.
fn set(
    security: &mut ResponseHeadersPolicySecurityHeadersConfig,
    name: &str,
    value: &str,
    overrides: bool,
) -> Result<bool, BuildError> {
    match name {
        CONTENT_SECURITY_POLICY => {
            let policy = ResponseHeadersPolicyContentSecurityPolicy::builder().content_security_policy(value);
            security.content_security_policy = Some(policy.r#override(overrides).build()?);
        }
        CONTENT_TYPE_OPTIONS => {
            let options = ResponseHeadersPolicyContentTypeOptions::builder().r#override(overrides);
            security.content_type_options = Some(options.build()?);
        }
        FRAME_OPTIONS => {
            let options = ResponseHeadersPolicyFrameOptions::builder().frame_option(FrameOptionsList::from(value));
            security.frame_options = Some(options.r#override(overrides).build()?);
        }
        REFERRER_POLICY => {
            let policy =
                ResponseHeadersPolicyReferrerPolicy::builder().referrer_policy(ReferrerPolicyList::from(value));
            security.referrer_policy = Some(policy.r#override(overrides).build()?);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn custom_header(name: &str, value: &str, overrides: bool) -> Result<ResponseHeadersPolicyCustomHeader, BuildError> {
    ResponseHeadersPolicyCustomHeader::builder().header(name).value(value).r#override(overrides).build()
}

fn custom_headers(
    headers: Vec<ResponseHeadersPolicyCustomHeader>,
) -> Result<Option<ResponseHeadersPolicyCustomHeadersConfig>, BuildError> {
    if headers.is_empty() {
        return Ok(None);
    }
    let quantity = i32::try_from(headers.len()).unwrap_or(i32::MAX);
    ResponseHeadersPolicyCustomHeadersConfig::builder().quantity(quantity).set_items(Some(headers)).build().map(Some)
}

fn transport(value: &str, overrides: bool) -> Result<ResponseHeadersPolicyStrictTransportSecurity, CloudError> {
    let bad = || {
        CloudError::inputs(
            STRICT_TRANSPORT_SECURITY,
            format!("`{value}` is no value of it: `max-age=63072000; includeSubDomains`"),
        )
    };
    let mut hsts = ResponseHeadersPolicyStrictTransportSecurity::builder()
        .r#override(overrides)
        .include_subdomains(false)
        .preload(false);
    for part in value.split(';').map(str::trim) {
        hsts = match part {
            "includeSubDomains" => hsts.include_subdomains(true),
            "preload" => hsts.preload(true),
            _ => hsts.access_control_max_age_sec(
                part.strip_prefix("max-age=").and_then(|seconds| seconds.parse().ok()).ok_or_else(bad)?,
            ),
        };
    }
    hsts.build().map_err(|_| bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(headers: &[(&str, &str)]) -> ResponseHeadersPolicy {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let tags = claim::told("deployer crew/prod cdn.main/headers");
        ResponseHeadersPolicy { name: "crew-headers".into(), headers, override_origin: false, tags }
    }

    fn empty() -> ResponseHeadersPolicyConfig {
        ResponseHeadersPolicyConfig::builder().name("old").comment("theirs").build().unwrap()
    }

    #[test]
    fn every_header_survives_its_way_through_cloudfronts_form() {
        let wanted = policy(&[
            ("content-security-policy", "default-src 'self'"),
            ("permissions-policy", "camera=()"),
            ("referrer-policy", "no-referrer"),
            ("strict-transport-security", "max-age=63072000; includeSubDomains"),
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
        ]);
        let config = write(&wanted, empty()).unwrap();
        assert_eq!(config.comment.as_deref(), Some("deployer crew/prod cdn.main/headers"));
        assert_eq!(read(config), wanted);
    }

    #[test]
    fn a_header_that_somebody_added_shows() {
        let mut config = write(&policy(&[("x-frame-options", "DENY")]), empty()).unwrap();
        let xss = ResponseHeadersPolicyXssProtection::builder()
            .r#override(true)
            .protection(true)
            .mode_block(true)
            .build()
            .unwrap();
        config.security_headers_config.as_mut().unwrap().xss_protection = Some(xss);
        let found = read(config);
        assert_eq!(found.headers["x-xss-protection"], "1; mode=block");
        assert!(found.override_origin);
    }

    #[test]
    fn a_value_that_cloudfront_has_no_field_for_is_refused() {
        for (name, value) in
            [("x-content-type-options", "sniff"), ("strict-transport-security", "forever"), ("x-xss-protection", "1")]
        {
            assert!(write(&policy(&[(name, value)]), empty()).is_err(), "{name}: {value}");
        }
    }
}
