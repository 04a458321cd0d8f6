//! What this function is called with: a request that a function URL made an event of, or an errand of its own.

use std::fmt;

use lambda_http::request::LambdaRequest;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::errand::Errand;
use crate::refusal::Refusal;

/// An event of Lambda.
pub enum Event {
    /// Something to do after an answer.
    Errand(Errand),
    /// A request over HTTP.
    Http(Box<LambdaRequest>),
}

/// An errand that may be run again.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Failed(pub Refusal);

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match serde_json::from_str(raw.get()) {
            Ok(errand) => Ok(Self::Errand(errand)),
            Err(_) => {
                let request =
                    serde_json::from_str(raw.get()).map_err(|_| serde::de::Error::custom("is no event of ours"));
                Ok(Self::Http(Box::new(request?)))
            }
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the errand failed: {} {}", self.0.0.status, self.0.0.title)
    }
}

impl std::error::Error for Failed {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_errand_and_a_request_are_never_taken_for_each_other() {
        let errand = r#"{"errand":"mail","challenge":"0123456789abcdef0123456789abcdef"}"#;
        assert!(matches!(serde_json::from_str(errand), Ok(Event::Errand(Errand::Mail { .. }))));
        let context = r#"{"http":{"method":"POST","path":"/","protocol":"HTTP/1.1","sourceIp":"203.0.113.9","userAgent":"x"},"requestId":"1","timeEpoch":1,"accountId":"1","apiId":"a","domainName":"d","domainPrefix":"d","routeKey":"$default","stage":"$default","time":"21/Nov/2026:08:00:00 +0000"}"#;
        let request = format!(
            r#"{{"version":"2.0","routeKey":"$default","rawPath":"/","rawQueryString":"","headers":{{}},"requestContext":{context},"body":"{{\"errand\":\"mail\"}}","isBase64Encoded":false,"errand":"mail","challenge":"x"}}"#
        );
        assert!(matches!(serde_json::from_str(&request), Ok(Event::Http(_))));
        assert!(serde_json::from_str::<Event>("{}").is_err());
    }
}
