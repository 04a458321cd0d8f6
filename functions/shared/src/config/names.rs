//! Names and addresses that variables hold, each of a type of its own.

use std::fmt;
use std::str::FromStr;

/// Defines a name that AWS gives or takes, kept apart from other strings.
macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $longest:expr, $allowed:expr, $rule:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, PartialEq)]
        pub struct $name(String);

        impl $name {
            /// The name as AWS takes it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = &'static str;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || text.len() > $longest || !text.chars().all(allowed) {
                    return Err($rule);
                }
                Ok(Self(text.to_owned()))
            }
        }
    };
}

name_type!(
    /// The physical name of a DynamoDB table.
    TableName,
    255,
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'),
    "is not a table name: letters, digits, '_', '-' and '.', at most 255"
);
name_type!(
    /// The name of a parameter in SSM Parameter Store.
    ParameterName,
    1011,
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/'),
    "is not a parameter name: letters, digits, '_', '-', '.' and '/'"
);
name_type!(
    /// The name of an SES configuration set.
    ConfigurationSet,
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
    "is not the name of a configuration set: letters, digits, '_' and '-', at most 64"
);

name_type!(
    /// The name of an S3 bucket.
    BucketName,
    63,
    |c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'),
    "is not the name of a bucket: small letters, digits, '-' and '.', at most 63"
);

name_type!(
    /// The name of a Lambda function, without a qualifier.
    FunctionName,
    64,
    |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'),
    "is not the name of a function: letters, digits, '_' and '-', at most 64"
);

/// An address for browsers: `https://…` or, on a machine of one's own, `http://…`; at most 2,048 characters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WebAddress(String);

impl WebAddress {
    /// Scheme, host and port, as browsers name an origin.
    pub fn origin(&self) -> &str {
        let host_at = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[host_at..].find(['/', '?', '#']).map_or(self.0.len(), |at| host_at + at);
        &self.0[..end]
    }
}

impl FromStr for WebAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const LONGEST: usize = 2048;
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let plain = rest.chars().all(|each| each.is_ascii_graphic() && !matches!(each, '"' | '\'' | '<' | '>' | '\\'));
        if rest.is_empty() || !plain || text.len() > LONGEST {
            return Err("is not an address for browsers: https://…");
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_browser_opens_is_a_web_address() {
        assert!("https://crew.example.com/sails".parse::<WebAddress>().is_ok());
        for (text, origin) in [
            ("https://crew.example.com", "https://crew.example.com"),
            ("https://crew.example.com/", "https://crew.example.com"),
            ("http://e1.cloudfront.localhost:4510/a#b", "http://e1.cloudfront.localhost:4510"),
        ] {
            assert_eq!(text.parse::<WebAddress>().map(|address| address.origin().to_owned()), Ok(origin.to_owned()));
        }
        for text in
            ["", "https://", "javascript:alert(1)", "https://a\"b", "ftp://x", "https://a b", "https://a\r\nBcc: x"]
        {
            assert!(text.parse::<WebAddress>().is_err(), "{text:?}");
        }
    }
}
