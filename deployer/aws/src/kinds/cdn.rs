//! `cdn`: one front door, with routes to a site and to functions.

mod front;
mod headers;
mod routes;
#[cfg(test)]
mod tests;
mod viewer;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind, Stack, output};
use deployer_engine::state::State;
use schemars::JsonSchema;
use serde::Deserialize;

use super::bucket::bucket_name;
use super::site::Site;
use super::waf::Waf;
use crate::claim;
use crate::naming::{main_name, part_name, tags};
use crate::resources::acm_certificate::AcmCertificate;
use crate::resources::cache_policy::{self, CachePolicy};
use crate::resources::distribution::{Distribution, ErrorRule, Own};
use crate::resources::invalidation::{Invalidation, Served};
use crate::resources::origin_access_control::OriginAccessControl;
use crate::resources::response_headers_policy::ResponseHeadersPolicy;
use crate::resources::route53_alias::Route53Alias;

pub use headers::Headers;
pub use routes::{Route, target};
pub use viewer::CLIENT_ADDRESS_HEADER;

/// Longest comment of a distribution. Source: CreateDistribution.
const MAX_COMMENT: usize = 128;
/// Longest name of an origin access control and of a CloudFront Function. Source: CreateOriginAccessControl, CreateFunction.
const MAX_SHORT_NAME: usize = 64;
/// Longest name of a policy. Source: CreateResponseHeadersPolicy, CreateCachePolicy.
const MAX_POLICY_NAME: usize = 128;
/// Errors that CloudFront would else keep for ten seconds, for everybody.
const UNCACHED_ERRORS: [i32; 10] = [400, 403, 404, 405, 414, 500, 501, 502, 503, 504];
/// The part that is the certificate of a domain.
const CERTIFICATE: &str = "certificate";
/// The oldest TLS that browsers may speak to a domain of one's own.
const TLS: &str = "TLSv1.2_2021";
/// The page that is served for `/` where a route does not name one.
const ROOT_PAGE: &str = "index.html";

/// One front door: a CloudFront distribution that sends each path to a site or to a function.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cdn {
    /// A domain of one's own: `"crew.example.com"`. Its certificate is made, and CloudFront answers to it over TLS 1.2
    /// and newer. Until the record that proves the domain stands in its zone, `up` ends with 12 and says which. Point the
    /// domain (A and AAAA aliases, or a CNAME) at `${cdn.x.domain}`, or leave it to `dns`. Default: CloudFront's own domain alone.
    pub domain: Option<String>,
    /// Who sets the records of the domain: `"route53"` writes them into the zone of this account that holds it, and takes
    /// none that is there already; nobody does on the local AWS. Default: a person, who is told which.
    pub dns: Option<Dns>,
    /// The web ACL before it: `"waf.edge"`. Default: not managed.
    pub waf: Option<DeclarationAddress>,
    /// Which paths go where: `[{ path = "/api/*", to = "function.crew-api" }, { path = "/*", to = "site.web", spa = "index.html" }]`.
    /// The first that matches counts; the last is `/*`.
    #[schemars(length(min = 1, max = 75))]
    pub route: Vec<Route>,
    /// Security headers of every answer that has none of its own: `"strict"`, or `"basic"` without a content security
    /// policy. Default: `"strict"`: scripts, styles and data from the site itself alone, nothing inline, no frames.
    #[serde(default)]
    pub headers: Headers,
    /// The edges that serve it: `"100"` in North America and Europe, `"200"` also in Asia, Africa and the Middle East,
    /// `"all"`. Default: `"100"`, the cheapest.
    #[serde(default)]
    pub price_class: PriceClass,
}

/// Who sets the records of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dns {
    /// The deployer, in Route 53.
    Route53,
}

/// The edges that serve a distribution.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum PriceClass {
    /// North America, Europe, Israel.
    #[default]
    #[serde(rename = "100")]
    Hundred,
    /// Also Asia, Africa and the Middle East.
    #[serde(rename = "200")]
    TwoHundred,
    /// All.
    #[serde(rename = "all")]
    All,
}

impl PriceClass {
    fn as_str(self) -> &'static str {
        match self {
            Self::Hundred => "PriceClass_100",
            Self::TwoHundred => "PriceClass_200",
            Self::All => "PriceClass_All",
        }
    }
}

/// Whether this is the name of a host: at least two labels of small letters, digits and dashes.
pub(super) fn is_domain(text: &str) -> bool {
    let plain = |each: u8| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(is_label)
}

/// The part of a cache policy of so many seconds.
fn cache_part(seconds: u64) -> String {
    format!("cache.s{seconds}")
}

impl Cdn {
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        if let Some(waf) = self.waf.as_ref().filter(|waf| cx.stack.get::<Waf>(waf).is_none()) {
            let known: Vec<String> = cx.stack.all::<Waf>().map(|(address, _)| address.to_string()).collect();
            let hint = did_you_mean(&waf.to_string(), known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("declare `[{waf}]`"));
            out.fault(cx, &["waf"], "unknown-reference", format!("there is no waf `{waf}`"), hint);
        }
        if let Some(domain) = self.domain.as_ref().filter(|domain| !is_domain(domain)) {
            let message = format!("`{}` is no domain", domain.escape_debug());
            out.fault(cx, &["domain"], "bad-domain", message, "write it alone, in small letters: `crew.example.com`");
        }
        routes::check(&self.route, cx, out);
    }

    /// Who sets the records of the domain; nobody on the local AWS, where nobody looks for it.
    fn record_keeper(&self, cx: &Expand<'_>) -> Option<Dns> {
        self.dns.filter(|_| !cx.environment().local)
    }

    fn is_served<'a>(&'a self, cx: &'a Expand<'_>) -> impl Iterator<Item = &'a DeclarationAddress> {
        let mut sites: Vec<_> =
            self.route.iter().map(|route| &route.to).filter(|to| cx.stack.get::<Site>(to).is_some()).collect();
        sites.sort();
        sites.dedup();
        sites.into_iter()
    }

    /// What the distribution refers to: access controls, headers, functions at the edge, cache policies.
    fn expand_companions(&self, cx: &Expand<'_>, out: &mut Expansion) {
        for (part, origin_type, needed) in [
            ("access.s3", "s3", self.is_served(cx).next().is_some()),
            ("access.lambda", "lambda", front::signs_for_lambda(self, cx)),
        ] {
            if needed {
                let name = part_name(cx, part, origin_type, MAX_SHORT_NAME);
                out.resource(
                    cx,
                    part,
                    &OriginAccessControl {
                        name,
                        origin_type: origin_type.to_owned(),
                        signing: "always".to_owned(),
                        tags: claim::tags(cx.environment(), &cx.address.part(part)),
                    },
                );
            }
        }
        if let Some(domain) = &self.domain {
            let tags = tags(cx.environment(), &cx.address.part(CERTIFICATE));
            out.resource(
                cx,
                CERTIFICATE,
                &AcmCertificate {
                    domain: domain.clone(),
                    writes_dns: self.record_keeper(cx).is_some(),
                    issued: true,
                    tags,
                },
            );
        }
        let headers = ResponseHeadersPolicy {
            name: part_name(cx, "headers", "headers", MAX_POLICY_NAME),
            headers: self.headers.all(),
            override_origin: false,
            tags: claim::tags(cx.environment(), &cx.address.part("headers")),
        };
        out.resource(cx, "headers", &headers);
        viewer::expand(self, cx, out);
        let mut kept: Vec<u64> =
            self.route.iter().filter_map(|route| route.cache).map(|cache| cache.seconds()).collect();
        kept.sort_unstable();
        kept.dedup();
        for seconds in kept {
            let (part, most) = (cache_part(seconds), i64::try_from(seconds).unwrap_or(i64::MAX));
            let name = part_name(cx, &part, &format!("cache-{seconds}s"), MAX_POLICY_NAME);
            let policy = CachePolicy {
                name,
                min_seconds: 0,
                default_seconds: most,
                max_seconds: most,
                key: cache_policy::KEY.to_owned(),
                tags: claim::tags(cx.environment(), &cx.address.part(&part)),
            };
            out.resource(cx, &part, &policy);
        }
    }

    fn distribution(&self, cx: &Expand<'_>) -> Distribution {
        let (default, others): (Vec<_>, Vec<_>) = self.route.iter().partition(|route| route.is_default());
        // Without a default route there is a fault; the distribution then is never made.
        let default = default.first().copied().or(self.route.first()).expect("the schema asks for a route");
        let page = default.spa.clone().unwrap_or_else(|| ROOT_PAGE.to_owned());
        Distribution {
            name: main_name(cx, MAX_COMMENT),
            enabled: true,
            origins: front::origins(self, cx),
            default_behavior: front::behavior(default, cx),
            behaviors: others.into_iter().map(|route| front::behavior(route, cx)).collect(),
            root_page: cx.stack.get::<Site>(&default.to).map(|_| page),
            own: self.domain.as_ref().map(|domain| Own {
                domains: vec![domain.clone()],
                certificate_arn: output(&cx.address.part(CERTIFICATE), "arn"),
                tls: TLS.to_owned(),
            }),
            web_acl_arn: self.waf.as_ref().map(|waf| output(&waf.part(Waf::KIND), "arn")),
            price_class: Some(self.price_class.as_str().to_owned()),
            http_version: Some("http2and3".to_owned()),
            ipv6: Some(true),
            errors: UNCACHED_ERRORS.map(|status| ErrorRule { status, seconds: 0, page: None }).into(),
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        }
    }
}

/// The address at which browsers find a site or a function of a stack that is up; absent: no front door leads to it.
pub fn front_door(stack: &Stack, state: &State, to: &DeclarationAddress) -> Option<String> {
    let leads = |(_, cdn): &(&DeclarationAddress, &Cdn)| cdn.route.iter().any(|route| route.to == *to);
    let (address, _) = stack.all::<Cdn>().find(leads)?;
    Some(state.current(&address.part(Cdn::KIND))?.outputs["url"].as_str()?.to_owned())
}

impl Kind for Cdn {
    const KIND: &'static str = "cdn";
    const ALSO_CALLED: &'static [&'static str] = &["cloudfront", "distribution"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let part = cx.address.part(Self::KIND);
        let url = match &self.domain {
            // There browsers come by a door of its own.
            Some(domain) if !cx.environment().local => format!("https://{domain}"),
            _ => output(&part, "url"),
        };
        ["domain", "id", "arn"].map(|name| (name, output(&part, name))).into_iter().chain([("url", url)]).collect()
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let before = out.faults.len();
        self.check(cx, out);
        if out.faults.len() > before {
            return;
        }
        if self.domain.is_none() && cx.environment().protect {
            let message = "CloudFront lets browsers speak TLS 1.0 to a name of its own";
            out.warn(cx, &[], "old-tls", message, "give it a domain: `domain = \"crew.example.com\"`");
        }
        self.expand_companions(cx, out);
        let mut added = out.resource(cx, Self::KIND, &self.distribution(cx));
        for site in self.is_served(cx) {
            added = added.after(site.part(Site::KIND));
        }
        let distribution = added.address();
        if let (Some(domain), Some(Dns::Route53)) = (&self.domain, self.record_keeper(cx)) {
            for (part, kind) in [("ipv4", "A"), ("ipv6", "AAAA")] {
                let to = output(&distribution, "domain");
                out.resource(cx, part, &Route53Alias { domain: domain.clone(), kind: kind.to_owned(), to });
            }
        }
        let served = |site: &DeclarationAddress| {
            let release = site.part("release");
            Served {
                bucket: bucket_name(&cx.of(site)),
                manifest_sha256: output(&release, "manifest_sha256"),
                version: output(&release, "version"),
            }
        };
        let releases: Vec<_> = cx
            .stack
            .all::<Site>()
            .map(|(address, _)| address)
            .filter(|address| self.is_served(cx).any(|each| each == *address))
            .map(served)
            .collect();
        if !releases.is_empty() {
            out.effect(cx, "invalidation", &Invalidation { distribution_id: output(&distribution, "id"), releases });
        }
    }
}
