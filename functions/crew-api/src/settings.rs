//! What the environment tells this function.

use std::str::FromStr;

use functions_shared::config::{
    BucketName, ConfigError, ConfigurationSet, FunctionName, ParameterName, Reader, TableName,
};
use functions_shared::mail::Address;
use functions_shared::tables::{Table, TableNames};

use crate::cors::Origins;

/// Everything that the function must be told.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Settings {
    /// `EVENTS_TABLE` and so on: where each noun is kept.
    pub tables: TableNames,
    /// `MEDICAL_SECRET`: from this the key of medical texts is derived.
    pub medical_secret: ParameterName,
    /// `REPORTS_BUCKET`: the executive reports as pages.
    pub reports_bucket: BucketName,
    /// `PEOPLE_TABLE`: who may sign in.
    pub people_table: TableName,
    /// `LINKS_TABLE`: who asked for which link.
    pub links_table: TableName,
    /// `LIMITS_TABLE`: how often somebody did something.
    pub limits_table: TableName,
    /// `LINK_SECRET`: the name of the SecureString that keys the digests of links and codes.
    pub link_secret: ParameterName,
    /// `SITE_URL_PARAM`: the parameter that holds the site's public address.
    pub site_url_parameter: ParameterName,
    /// `MAIL_FROM`: the verified sender.
    pub mail_from: Address,
    /// `MAIL_CONFIGURATION_SET`: where SES reports deliveries and bounces. Optional.
    pub configuration_set: Option<ConfigurationSet>,
    /// `ADMIN_EMAIL`: the administrator who needs no invitation.
    pub admin_email: Address,
    /// `AWS_LAMBDA_FUNCTION_NAME`, which Lambda sets: this function, to run errands.
    pub function_name: FunctionName,
    /// `JWT_RING`: below this name are the keys that sign sessions.
    pub jwt_ring: ParameterName,
    /// `ALLOWED_ORIGINS`: the sites whose pages may call beside the site's own, between commas. Optional: none.
    pub allowed_origins: Origins,
    /// `ORIGIN_AUTH`, and `ORIGIN_SECRET` where it is `header`.
    pub origin_auth: OriginAuth,
}

/// How the front door proves that a request came through it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum OriginAuth {
    /// A header carries a secret that only the front door and this function know.
    Header {
        /// The name of the SecureString.
        secret: ParameterName,
    },
    /// AWS has judged the caller: the function URL demands a signature.
    Iam,
}

/// The word in `ORIGIN_AUTH`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Header,
    Iam,
}

impl Settings {
    /// Reads the variables; every fault is told at once.
    pub fn read(mut read: Reader<'_>) -> Result<Self, ConfigError> {
        let tables = Table::names(&mut read, &Table::ALL);
        let medical_secret = read.required("MEDICAL_SECRET");
        let reports_bucket = read.required("REPORTS_BUCKET");
        let people_table = read.required("PEOPLE_TABLE");
        let links_table = read.required("LINKS_TABLE");
        let limits_table = read.required("LIMITS_TABLE");
        let link_secret = read.required("LINK_SECRET");
        let site_url_parameter = read.required("SITE_URL_PARAM");
        let mail_from = read.required("MAIL_FROM");
        let configuration_set = read.optional("MAIL_CONFIGURATION_SET");
        let admin_email = read.required("ADMIN_EMAIL");
        let function_name = read.required("AWS_LAMBDA_FUNCTION_NAME");
        let jwt_ring = read.required("JWT_RING");
        let allowed_origins = read.optional("ALLOWED_ORIGINS");
        let origin_auth = match read.required("ORIGIN_AUTH") {
            Some(Mode::Header) => {
                let secret = read.required("ORIGIN_SECRET");
                secret.map(|secret| OriginAuth::Header { secret })
            }
            Some(Mode::Iam) => Some(OriginAuth::Iam),
            None => None,
        };
        read.finish(|| {
            Some(Self {
                tables: tables?,
                medical_secret: medical_secret?,
                reports_bucket: reports_bucket?,
                people_table: people_table?,
                links_table: links_table?,
                limits_table: limits_table?,
                link_secret: link_secret?,
                site_url_parameter: site_url_parameter?,
                mail_from: mail_from?,
                configuration_set: configuration_set?,
                admin_email: admin_email?,
                function_name: function_name?,
                jwt_ring: jwt_ring?,
                allowed_origins: allowed_origins?.unwrap_or_default(),
                origin_auth: origin_auth?,
            })
        })
    }
}

impl FromStr for Mode {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "header" => Ok(Self::Header),
            "iam" => Ok(Self::Iam),
            _ => Err("is neither `header` nor `iam`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
        let reader = Reader::new(|name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        });
        let names = |error: ConfigError| error.faults.into_iter().map(|f| f.variable).collect();
        Settings::read(reader).map_err(names)
    }

    const OTHERS: [(&str, &str); 18] = [
        ("EVENTS_TABLE", "events"),
        ("ROLES_TABLE", "roles"),
        ("WAIVERS_TABLE", "waivers"),
        ("CHECKLISTS_TABLE", "checklists"),
        ("AUDIT_TABLE", "audit"),
        ("REQUESTS_TABLE", "requests"),
        ("NUDGES_TABLE", "nudges"),
        ("MEDICAL_SECRET", "/crew/medical"),
        ("REPORTS_BUCKET", "reports"),
        ("PEOPLE_TABLE", "people"),
        ("LINKS_TABLE", "magic-links"),
        ("LIMITS_TABLE", "limits"),
        ("LINK_SECRET", "/crew/links"),
        ("SITE_URL_PARAM", "/crew/site-url"),
        ("MAIL_FROM", "crew@example.com"),
        ("ADMIN_EMAIL", "admin@example.com"),
        ("AWS_LAMBDA_FUNCTION_NAME", "crew-api"),
        ("JWT_RING", "/crew/jwt"),
    ];

    fn with_others(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        OTHERS.iter().chain(more).copied().collect()
    }

    #[test]
    fn without_a_known_way_to_guard_the_function_does_not_start() {
        assert_eq!(read(&OTHERS), Err(vec!["ORIGIN_AUTH".to_owned()]));
        for mode in ["none", "NONE", "Header", "off", "*"] {
            let all = with_others(&[("ORIGIN_AUTH", mode)]);
            assert_eq!(read(&all), Err(vec!["ORIGIN_AUTH".to_owned()]), "{mode}");
        }
    }

    #[test]
    fn a_header_needs_a_secret_and_iam_does_not() {
        let header = with_others(&[("ORIGIN_AUTH", "header")]);
        assert_eq!(read(&header), Err(vec!["ORIGIN_SECRET".to_owned()]));
        let iam = with_others(&[("ORIGIN_AUTH", "iam")]);
        assert_eq!(read(&iam).expect("complete").origin_auth, OriginAuth::Iam);
    }

    #[test]
    fn no_other_site_may_call_unless_it_is_named() {
        let iam = [("ORIGIN_AUTH", "iam")];
        assert_eq!(read(&with_others(&iam)).expect("complete").allowed_origins, Origins::default());
        let named = [iam[0], ("ALLOWED_ORIGINS", "https://crew.example.org")];
        assert_eq!(read(&with_others(&named)).expect("complete").allowed_origins.0.len(), 1);
        let open = [iam[0], ("ALLOWED_ORIGINS", "*")];
        assert_eq!(read(&with_others(&open)), Err(vec!["ALLOWED_ORIGINS".to_owned()]));
    }

    #[test]
    fn everything_that_is_missing_is_told_at_once() {
        let names = OTHERS.map(|(name, _)| name.to_owned()).into_iter().chain(["ORIGIN_AUTH".to_owned()]);
        assert_eq!(read(&[]), Err(names.collect()));
    }
}
