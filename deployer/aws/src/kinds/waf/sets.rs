//! The sets of rules that AWS maintains: their names, what they cost, and what they hold.

use schemars::JsonSchema;
use serde::Deserialize;

/// A set of rules that AWS maintains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManagedSet {
    /// What most attacks on the web look like.
    Core,
    /// Requests that only attacks on known holes send.
    KnownBadInputs,
    /// Pages for administrators that are exposed by mistake.
    Admin,
    /// SQL in requests.
    Sql,
    /// Attacks on Linux.
    Linux,
    /// Attacks on POSIX shells.
    Posix,
    /// Attacks on Windows.
    Windows,
    /// Attacks on PHP.
    Php,
    /// Attacks on WordPress.
    Wordpress,
    /// Addresses of bots, as Amazon sees them.
    IpReputation,
    /// Addresses of proxies, VPNs and hosters.
    AnonymousIp,
}

/// Rules of the core set. Source: AWS WAF, baseline rule groups.
const CORE: &[&str] = &[
    "NoUserAgent_HEADER",
    "UserAgent_BadBots_HEADER",
    "SizeRestrictions_QUERYSTRING",
    "SizeRestrictions_Cookie_HEADER",
    "SizeRestrictions_BODY",
    "SizeRestrictions_URIPATH",
    "EC2MetaDataSSRF_BODY",
    "EC2MetaDataSSRF_COOKIE",
    "EC2MetaDataSSRF_URIPATH",
    "EC2MetaDataSSRF_QUERYARGUMENTS",
    "GenericLFI_QUERYARGUMENTS",
    "GenericLFI_URIPATH",
    "GenericLFI_BODY",
    "RestrictedExtensions_URIPATH",
    "RestrictedExtensions_QUERYARGUMENTS",
    "GenericRFI_QUERYARGUMENTS",
    "GenericRFI_BODY",
    "GenericRFI_URIPATH",
    "CrossSiteScripting_COOKIE",
    "CrossSiteScripting_QUERYARGUMENTS",
    "CrossSiteScripting_BODY",
    "CrossSiteScripting_URIPATH",
];
/// Rules of the set of known bad inputs. Source: AWS WAF, baseline rule groups.
const KNOWN_BAD_INPUTS: &[&str] = &[
    "JavaDeserializationRCE_HEADER",
    "JavaDeserializationRCE_BODY",
    "JavaDeserializationRCE_URIPATH",
    "JavaDeserializationRCE_QUERYSTRING",
    "Host_localhost_HEADER",
    "PROPFIND_METHOD",
    "ExploitablePaths_URIPATH",
    "Log4JRCE_HEADER",
    "Log4JRCE_QUERYSTRING",
    "Log4JRCE_BODY",
    "Log4JRCE_URIPATH",
];

impl ManagedSet {
    /// The word in a stack file; the rule's name too.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::KnownBadInputs => "known-bad-inputs",
            Self::Admin => "admin",
            Self::Sql => "sql",
            Self::Linux => "linux",
            Self::Posix => "posix",
            Self::Windows => "windows",
            Self::Php => "php",
            Self::Wordpress => "wordpress",
            Self::IpReputation => "ip-reputation",
            Self::AnonymousIp => "anonymous-ip",
        }
    }

    /// AWS's name for it.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::Core => "AWSManagedRulesCommonRuleSet",
            Self::KnownBadInputs => "AWSManagedRulesKnownBadInputsRuleSet",
            Self::Admin => "AWSManagedRulesAdminProtectionRuleSet",
            Self::Sql => "AWSManagedRulesSQLiRuleSet",
            Self::Linux => "AWSManagedRulesLinuxRuleSet",
            Self::Posix => "AWSManagedRulesUnixRuleSet",
            Self::Windows => "AWSManagedRulesWindowsRuleSet",
            Self::Php => "AWSManagedRulesPHPRuleSet",
            Self::Wordpress => "AWSManagedRulesWordPressRuleSet",
            Self::IpReputation => "AWSManagedRulesAmazonIpReputationList",
            Self::AnonymousIp => "AWSManagedRulesAnonymousIpList",
        }
    }

    /// Capacity units. Source: AWS WAF, the list of managed rule groups.
    pub(super) fn capacity(self) -> u32 {
        match self {
            Self::Core => 700,
            Self::KnownBadInputs | Self::Sql | Self::Linux | Self::Windows => 200,
            Self::Admin | Self::Posix | Self::Php | Self::Wordpress => 100,
            Self::IpReputation => 25,
            Self::AnonymousIp => 50,
        }
    }

    /// The rules of it that are known here; none: they are not.
    pub(super) fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Core => CORE,
            Self::KnownBadInputs => KNOWN_BAD_INPUTS,
            Self::Admin => &["AdminProtection_URIPATH"],
            Self::Sql => &[
                "SQLi_QUERYARGUMENTS",
                "SQLiExtendedPatterns_QUERYARGUMENTS",
                "SQLi_BODY",
                "SQLiExtendedPatterns_BODY",
                "SQLi_COOKIE",
                "SQLi_URIPATH",
            ],
            Self::IpReputation => {
                &["AWSManagedIPReputationList", "AWSManagedReconnaissanceList", "AWSManagedIPDDoSList"]
            }
            Self::AnonymousIp => &["AnonymousIPList", "HostingProviderIPList"],
            Self::Linux | Self::Posix | Self::Windows | Self::Php | Self::Wordpress => &[],
        }
    }
}
