//! Services that speak JSON and of which a handful of operations is asked.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use deployer_engine::resource::CloudError;
use serde_json::{Value, json};

use super::Cloud;
use super::signed::Question;
use crate::naming::{Tags, own_tags};

/// A service that speaks AWS's JSON.
#[derive(Clone, Copy, Debug)]
pub struct JsonService {
    /// Its word in operations and IAM actions: `cloudwatch`.
    word: &'static str,
    /// For whom requests are signed, and the beginning of its host: `monitoring`.
    host: &'static str,
    /// What stands before the operation in `X-Amz-Target`.
    target: &'static str,
    /// The media type of its protocol.
    media_type: &'static str,
    /// What it calls a tag's name and its value.
    tag: [&'static str; 2],
}

/// CloudWatch.
pub const CLOUDWATCH: JsonService = JsonService {
    word: "cloudwatch",
    host: "monitoring",
    target: "GraniteServiceVersion20100801",
    media_type: "application/x-amz-json-1.0",
    tag: ["Key", "Value"],
};

/// Certificate Manager.
pub const ACM: JsonService = JsonService {
    word: "acm",
    host: "acm",
    target: "CertificateManager",
    media_type: "application/x-amz-json-1.1",
    tag: ["Key", "Value"],
};

/// Key Management Service.
pub const KMS: JsonService = JsonService {
    word: "kms",
    host: "kms",
    target: "TrentService",
    media_type: "application/x-amz-json-1.1",
    tag: ["TagKey", "TagValue"],
};

impl JsonService {
    /// Tags as it takes them.
    pub fn tags(&self, tags: &Tags) -> Value {
        let [name, value] = self.tag;
        tags.iter().map(|each| json!({ name: each.0, value: each.1 })).collect()
    }

    /// Tags as it tells them, less those that AWS itself sets. A tag without a value has an empty one.
    pub fn told_tags(&self, told: &Value) -> Tags {
        let [name, value] = self.tag;
        let pair =
            |tag: &Value| Some((tag[name].as_str()?.to_owned(), tag[value].as_str().unwrap_or_default().to_owned()));
        own_tags(told.as_array().into_iter().flatten().filter_map(pair))
    }
}

/// What an answer is when all goes well, and when it does not.
type Answered = Result<Value, SdkError<ErrorMetadata, HttpResponse>>;

impl Cloud {
    /// Asks a service for an operation in a region. `object` is what it works on.
    pub async fn ask(
        &self,
        service: JsonService,
        region: &str,
        operation: &str,
        object: &str,
        body: Value,
    ) -> Result<Value, CloudError> {
        let sent = self.send(service, region, operation, body);
        self.call(&format!("{}:{operation}", service.word), object, sent).await
    }

    async fn send(&self, service: JsonService, region: &str, operation: &str, body: Value) -> Answered {
        let address = match &self.target.endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://{}.{region}.amazonaws.com/", service.host),
        };
        let target = format!("{}.{operation}", service.target);
        let question = Question {
            service: service.host,
            region,
            method: "POST",
            address: &address,
            headers: &[("content-type", service.media_type), ("x-amz-target", &target)],
            body: body.to_string(),
        };
        let (answer, text) = self.exchange(question, fault).await?;
        // Some operations answer nothing.
        let told = if text.is_empty() { Ok(Value::Null) } else { serde_json::from_slice(&text) };
        told.map_err(|error| SdkError::response_error(error, answer))
    }
}

/// The code and the words of an error: `com.amazonaws.kms#NotFoundException` is `NotFoundException`.
pub(super) fn fault(answer: &HttpResponse, text: &[u8]) -> ErrorMetadata {
    let told: Value = serde_json::from_slice(text).unwrap_or_default();
    let header = answer.headers().get("x-amzn-errortype");
    let code = told["__type"].as_str().or(header).map(|each| each.rsplit('#').next().unwrap_or(each));
    let code = code.map(|each| each.split(':').next().unwrap_or(each).to_owned());
    let message = ["message", "Message"].into_iter().find_map(|field| told[field].as_str());
    let fault = ErrorMetadata::builder();
    let fault = code.into_iter().fold(fault, |fault, code| fault.code(code));
    message.into_iter().fold(fault, |fault, message| fault.message(message)).build()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    #[test]
    fn each_service_has_its_own_words_for_a_tag() {
        let tags = Tags::from([("owner".to_owned(), "crew".to_owned())]);
        assert_eq!(KMS.tags(&tags), json!([{ "TagKey": "owner", "TagValue": "crew" }]));
        for service in [ACM, CLOUDWATCH, KMS] {
            assert_eq!(service.told_tags(&service.tags(&tags)), tags);
        }
        let bare = json!([{ "Key": "bare" }, { "Key": "aws:cloudformation:stack-id", "Value": "x" }]);
        assert_eq!(ACM.told_tags(&bare), Tags::from([("bare".to_owned(), String::new())]));
    }

    #[test]
    fn the_code_of_an_error_is_its_last_word() {
        let answer = |text: &str| {
            let answer = HttpResponse::new(400.try_into().unwrap(), SdkBody::empty());
            let fault = fault(&answer, text.as_bytes());
            (fault.code().unwrap_or_default().to_owned(), fault.message().unwrap_or_default().to_owned())
        };
        let told = |code: &str, message: &str| (code.to_owned(), message.to_owned());
        let cases = [
            (
                r#"{"__type":"com.amazonaws.kms#NotFoundException","message":"no key"}"#,
                told("NotFoundException", "no key"),
            ),
            (r#"{"__type":"ResourceNotFound","Message":"no alarm"}"#, told("ResourceNotFound", "no alarm")),
            ("<html>", told("", "")),
        ];
        for (text, expected) in cases {
            assert_eq!(answer(text), expected, "{text}");
        }
    }
}
