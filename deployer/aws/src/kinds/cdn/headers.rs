//! Security headers of every answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

/// Security headers of every answer that has none of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Headers {
    /// All, with a content security policy: scripts, styles and data from the site itself alone, nothing inline, no frames.
    #[default]
    Strict,
    /// All but a content security policy: for a site that says in its pages what it needs.
    Basic,
}

/// What a page may load and do. `require-trusted-types-for` stops texts from becoming code through the DOM.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'; require-trusted-types-for 'script'";

/// Two years, subdomains too: what browsers ask of those who mean it.
const TRANSPORT: &str = "max-age=63072000; includeSubDomains";

const BASIC: [(&str, &str); 6] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("referrer-policy", "no-referrer"),
    ("strict-transport-security", TRANSPORT),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

impl Headers {
    /// The headers by name.
    pub(super) fn all(self) -> BTreeMap<String, String> {
        let policy = (self == Self::Strict).then_some(("content-security-policy", CONTENT_SECURITY_POLICY));
        BASIC.into_iter().chain(policy).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
    }
}
