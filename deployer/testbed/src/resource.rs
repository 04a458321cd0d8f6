//! What a request is about, by a name that is the same in every run: ids that AWS mints are left out.

use hyper::http::request::Parts;
use serde_json::Value;

/// Fields of JSON requests that name what they are about; the first that is there.
const FIELDS: &[&str] = &[
    "FunctionName",
    "TableName",
    "logGroupName",
    "logGroupNamePrefix",
    "QueueName",
    "AlarmName",
    "AlarmNamePrefix",
    "AliasName",
    "QueueUrl",
    "Name",
    "Path",
    "Rule",
    "ResourceArn",
    "ResourceARN",
    "resourceArn",
    "ResourceId",
    "EmailIdentity",
    "ConfigurationSetName",
];

/// The name of what a request is about; `""` where it has none that lasts.
pub fn resource(service: &str, parts: &Parts, body: &[u8]) -> String {
    let path = decoded(parts.uri.path());
    let mut segments = path.trim_matches('/').split('/');
    match service {
        "s3" => path.trim_matches('/').to_owned(),
        "iam" | "sts" => form_field(body, "RoleName"),
        "sns" => {
            let told = ["Name", "TopicArn", "ResourceArn"].map(|field| last(&form_field(body, field)));
            told.into_iter().find(|name| !name.is_empty()).unwrap_or_default()
        }
        "cloudfront" => match (segments.nth(1), segments.next()) {
            (Some("function"), Some(name)) => name.to_owned(),
            _ => element(body, "Name").or_else(|| element(body, "Comment")).unwrap_or_default(),
        },
        // Its id is minted.
        "lambda" if path.contains("/event-source-mappings") => json_field(body),
        "lambda" => match segments.nth(2) {
            Some(name) if !name.starts_with("arn:") => name.to_owned(),
            Some(arn) => last(arn),
            None => json_field(body),
        },
        "ses" => segments.nth(3).map_or_else(|| json_field(body), str::to_owned),
        _ => json_field(body),
    }
}

fn json_field(body: &[u8]) -> String {
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    if let Some(names) = ["Names", "AlarmNames"].iter().find_map(|field| body[*field].as_array()) {
        let mut names: Vec<_> = names.iter().filter_map(Value::as_str).map(lasting).collect();
        names.sort_unstable();
        return names.join(" ");
    }
    let found = FIELDS.iter().find_map(|field| body[*field].as_str());
    let named = |name: &str| if name.contains("://") || name.starts_with("arn:") { last(name) } else { lasting(name) };
    found.map(named).unwrap_or_default()
}

/// A parameter's name without the id of a key.
fn lasting(name: &str) -> String {
    minted_key(name).map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/"))
}

/// The folder and the id of a parameter that holds a key of a ring: the id is minted with the key.
pub fn minted_key(name: &str) -> Option<(&str, &str)> {
    let (folder, id) = name.rsplit_once('/')?;
    let is_id = id.len() == 16 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_id && folder.ends_with("/keys")).then_some((folder, id))
}

/// The last part of an ARN or URL; of a web ACL's, whose last part is minted, the one before.
fn last(name: &str) -> String {
    let mut parts = name.rsplit(['/', ':']);
    let last = if name.contains("/webacl/") { parts.nth(1) } else { parts.next() };
    last.unwrap_or_default().to_owned()
}

fn form_field(body: &[u8], name: &str) -> String {
    let form = std::str::from_utf8(body).unwrap_or_default();
    let pairs = form.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| decoded(value)).next().unwrap_or_default()
}

/// The text of the first element of that name.
fn element(body: &[u8], name: &str) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?;
    let from = text.split_once(&format!("<{name}>"))?.1;
    Some(from.split_once("</")?.0.to_owned())
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digits = tail.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_request_is_about_has_the_same_name_in_every_run() {
        let cases: &[(&str, &str, &[u8], &str)] = &[
            ("s3", "/bucket/site/a%20b.js?x-id=PutObject", b"", "bucket/site/a b.js"),
            ("s3", "/bucket?policy", b"{}", "bucket"),
            ("iam", "/", b"Action=CreateRole&RoleName=crew-local-api&Version=1", "crew-local-api"),
            ("sns", "/", b"Action=CreateTopic&Name=crew-local-feedback", "crew-local-feedback"),
            ("sns", "/", b"TopicArn=arn%3Aaws%3Asns%3Aus-west-2%3A1%3Afeedback", "feedback"),
            ("lambda", "/2015-03-31/functions", b"{\"FunctionName\":\"api\"}", "api"),
            ("lambda", "/2015-03-31/functions/api/aliases/live", b"{}", "api"),
            ("lambda", "/2017-03-31/tags/arn%3Aaws%3Alambda%3Aus-west-2%3A1%3Afunction%3Aapi", b"", "api"),
            ("cloudfront", "/2020-05-31/function/spa/publish", b"", "spa"),
            ("cloudfront", "/2020-05-31/cache-policy", b"<C><Comment>x</Comment><Name>s900</Name></C>", "s900"),
            ("cloudfront", "/2020-05-31/distribution/E1ABC/config", b"<C><Comment>crew</Comment></C>", "crew"),
            ("cloudfront", "/2020-05-31/distribution/E1ABC", b"", ""),
            ("sqs", "/", b"{\"QueueUrl\":\"http://127.0.0.1:4566/000000000000/failures\"}", "failures"),
            ("wafv2", "/", b"{\"ResourceARN\":\"arn:aws:wafv2:us-east-1:1:global/webacl/edge/0f1e\"}", "edge"),
            ("ssm", "/", b"{\"Name\":\"/crew/local/url\"}", "/crew/local/url"),
            ("ssm", "/", b"{\"Name\":\"/crew/secret/jwt/keys/281617e0b94d56a3\"}", "/crew/secret/jwt/keys/"),
            ("ssm", "/", b"{\"Path\":\"/crew/secret/jwt\",\"Recursive\":true}", "/crew/secret/jwt"),
            ("ssm", "/", b"{\"Names\":[\"/b\",\"/a\"]}", "/a /b"),
            ("ses", "/v2/email/configuration-sets/main/sending", b"{}", "main"),
            ("dynamodb", "/", b"{}", ""),
        ];
        for (service, uri, body, name) in cases {
            let parts = hyper::Request::post(*uri).body(()).expect("a request").into_parts().0;
            assert_eq!(resource(service, &parts, body), *name, "{service} {uri}");
        }
    }
}
