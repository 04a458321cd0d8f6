//! Route 53: the calls that find a zone and set a record in it, in its XML.

use std::fmt::Write as _;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError, try_data};
use deployer_engine::resource::CloudError;

use super::Cloud;
use super::signed::Question;

/// Where it is asked, for all accounts and regions.
const HOST: &str = "https://route53.amazonaws.com";
/// The beginning of its paths: the version of its API.
const VERSION: &str = "2013-04-01";
/// The region that its requests are signed for.
const REGION: &str = "us-east-1";
/// The zone of every distribution of CloudFront, for aliases. Source: Route 53, AliasTarget.
const CLOUDFRONT_ZONE: &str = "Z2FDTNDATAQYW2";
/// Elements that hold text and no others.
const TEXTS: &[&str] = &[
    "Code",
    "DNSName",
    "HostedZoneId",
    "Id",
    "IsTruncated",
    "Message",
    "Name",
    "NextMarker",
    "PrivateZone",
    "TTL",
    "Type",
    "Value",
];

/// What stands in a zone under one name and type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordSet {
    /// The name, without a dot at its end.
    pub name: String,
    /// The type: `A`, `AAAA`, `CNAME`.
    pub kind: String,
    /// What it says.
    pub says: Says,
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// The same as that domain of CloudFront.
    Alias(String),
    /// These values, kept for so many seconds.
    Values(Vec<String>, u32),
}

impl Says {
    /// Whether whoever asks is told the same, however long it is kept.
    pub fn is_the_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Alias(one), Self::Alias(other)) => one == other,
            (Self::Values(some, _), Self::Values(others, _)) => {
                some.iter().map(|each| without_dot(each)).eq(others.iter().map(|each| without_dot(each)))
            }
            _ => false,
        }
    }
}

/// A zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Its id.
    pub id: String,
    /// Its domain, without a dot at its end.
    pub name: String,
}

/// An element of an answer.
#[derive(Debug, Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn read(decoder: &mut ScopedDecoder<'_, '_>) -> Result<Self, XmlDecodeError> {
        let name = decoder.start_el().local().to_owned();
        if TEXTS.contains(&name.as_str()) {
            return Ok(Self { name, text: try_data(decoder)?.into_owned(), children: Vec::new() });
        }
        let mut children = Vec::new();
        while let Some(mut child) = decoder.next_tag() {
            children.push(Self::read(&mut child)?);
        }
        Ok(Self { name, text: String::new(), children })
    }

    fn parse(text: &[u8]) -> Result<Self, XmlDecodeError> {
        let mut document = Document::try_from(text)?;
        let mut root = document.root_element()?;
        Self::read(&mut root)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|each| each.name == name)
    }

    fn text(&self, name: &str) -> &str {
        self.child(name).map_or("", |each| each.text.as_str())
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.child(name).into_iter().flat_map(|list| &list.children)
    }
}

fn without_dot(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl RecordSet {
    fn of(element: &Element) -> Self {
        let alias = element.child("AliasTarget").map(|alias| Says::Alias(without_dot(alias.text("DNSName"))));
        let values = || {
            let values = element.all("ResourceRecords").map(|record| record.text("Value").to_owned()).collect();
            Says::Values(values, element.text("TTL").parse().unwrap_or_default())
        };
        Self {
            name: without_dot(element.text("Name")),
            kind: element.text("Type").to_owned(),
            says: alias.unwrap_or_else(values),
        }
    }

    /// The change that an action (`CREATE`, `UPSERT`, `DELETE`) makes of it.
    fn change(&self, action: &str) -> String {
        let mut says = String::new();
        match &self.says {
            Says::Alias(to) => {
                let to = escaped(to);
                let target = format!(
                    "<HostedZoneId>{CLOUDFRONT_ZONE}</HostedZoneId><DNSName>{to}</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth>"
                );
                says.push_str(&format!("<AliasTarget>{target}</AliasTarget>"));
            }
            Says::Values(values, seconds) => {
                write!(says, "<TTL>{seconds}</TTL><ResourceRecords>").expect("memory takes it");
                for value in values {
                    write!(says, "<ResourceRecord><Value>{}</Value></ResourceRecord>", escaped(value))
                        .expect("memory takes it");
                }
                says.push_str("</ResourceRecords>");
            }
        }
        let set = format!("<Name>{}</Name><Type>{}</Type>{says}", escaped(&self.name), escaped(&self.kind));
        let change = format!("<Change><Action>{action}</Action><ResourceRecordSet>{set}</ResourceRecordSet></Change>");
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/{VERSION}/\"><ChangeBatch><Changes>{change}</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        )
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The code and the words of an error. An answer without a code is named by its root.
fn fault(_: &HttpResponse, text: &[u8]) -> ErrorMetadata {
    let root = Element::parse(text).unwrap_or_default();
    let error = root.child("Error").unwrap_or(&root);
    let code = Some(error.text("Code")).filter(|code| !code.is_empty()).unwrap_or(&root.name);
    let message = error.all("Messages").map(|each| each.text.as_str()).next().unwrap_or(error.text("Message"));
    ErrorMetadata::builder().code(code).message(message).build()
}

impl Cloud {
    async fn zones_asked(
        &self,
        method: &'static str,
        path: String,
        body: String,
    ) -> Result<Element, SdkError<ErrorMetadata, HttpResponse>> {
        let base = self.target.endpoint.as_deref().unwrap_or(HOST).trim_end_matches('/');
        let address = format!("{base}/{VERSION}/{path}");
        let question = Question {
            service: "route53",
            region: REGION,
            method,
            address: &address,
            headers: &[("content-type", "application/xml")],
            body,
        };
        let (answer, text) = self.exchange(question, fault).await?;
        Element::parse(&text).map_err(|error| SdkError::response_error(error, answer))
    }

    /// The zone that is open to everybody and nearest above a name.
    pub async fn zone_of(&self, name: &str) -> Result<Option<Zone>, CloudError> {
        let (mut zones, mut marker) = (Vec::new(), String::new());
        loop {
            let sent = self.zones_asked("GET", format!("hostedzone{marker}"), String::new());
            let page = self.call("route53:ListHostedZones", name, sent).await?;
            let open = page
                .all("HostedZones")
                .filter(|zone| zone.child("Config").is_none_or(|config| config.text("PrivateZone") != "true"));
            zones.extend(open.map(|zone| Zone {
                id: zone.text("Id").rsplit('/').next().unwrap_or_default().to_owned(),
                name: without_dot(zone.text("Name")),
            }));
            if page.text("IsTruncated") != "true" || page.text("NextMarker").is_empty() {
                break;
            }
            marker = format!("?marker={}", page.text("NextMarker"));
        }
        zones.retain(|zone| name == zone.name || name.ends_with(&format!(".{}", zone.name)));
        Ok(zones.into_iter().max_by_key(|zone| zone.name.len()))
    }

    /// What stands in a zone under a name and type.
    pub async fn record_set(&self, zone: &Zone, name: &str, kind: &str) -> Result<Option<RecordSet>, CloudError> {
        let path = format!("hostedzone/{}/rrset?maxitems=1&name={name}&type={kind}", zone.id);
        let sent = self.zones_asked("GET", path, String::new());
        let page = self.call("route53:ListResourceRecordSets", name, sent).await?;
        // The listing begins there, and goes on with what comes after.
        let found = page.all("ResourceRecordSets").map(RecordSet::of).next();
        Ok(found.filter(|found| (found.name.as_str(), found.kind.as_str()) == (name, kind)))
    }

    /// Changes one record: `CREATE`, which fails where there is one, `UPSERT` or `DELETE`.
    pub async fn change_record_set(&self, zone: &Zone, action: &str, set: &RecordSet) -> Result<(), CloudError> {
        let sent = self.zones_asked("POST", format!("hostedzone/{}/rrset", zone.id), set.change(action));
        self.call("route53:ChangeResourceRecordSets", &set.name, sent).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_record_is_read_again() {
        let alias = RecordSet {
            name: "crew.example.com".into(),
            kind: "A".into(),
            says: Says::Alias("d1.cloudfront.net".into()),
        };
        let values = RecordSet {
            name: "_x.example.com".into(),
            kind: "CNAME".into(),
            says: Says::Values(vec!["_y.acm-validations.aws.".into()], 300),
        };
        for set in [alias, values] {
            let told = Element::parse(set.change("CREATE").as_bytes()).unwrap();
            let change = told.all("ChangeBatch").flat_map(|changes| &changes.children).next().unwrap();
            assert_eq!(RecordSet::of(change.child("ResourceRecordSet").unwrap()), set);
        }
    }

    #[test]
    fn a_record_that_is_kept_for_another_time_or_lacks_a_dot_says_the_same() {
        let says = |value: &str, seconds| Says::Values(vec![value.to_owned()], seconds);
        let ours = says("_y.acm-validations.aws.", 300);
        assert!(ours.is_the_same(&says("_y.acm-validations.aws.", 60)));
        assert!(ours.is_the_same(&says("_Y.acm-validations.aws", 300)));
        assert!(!ours.is_the_same(&says("_z.acm-validations.aws.", 300)));
        assert!(!ours.is_the_same(&Says::Alias("_y.acm-validations.aws".to_owned())));
    }

    #[test]
    fn the_code_of_an_error_is_that_of_its_element_or_its_name() {
        let answer = HttpResponse::new(400.try_into().unwrap(), aws_smithy_types::body::SdkBody::empty());
        let code = |text: &str| fault(&answer, text.as_bytes()).code().unwrap_or_default().to_owned();
        assert_eq!(
            code(
                "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>slow</Message></Error></ErrorResponse>"
            ),
            "Throttling"
        );
        assert_eq!(
            code("<InvalidChangeBatch><Messages><Message>it exists</Message></Messages></InvalidChangeBatch>"),
            "InvalidChangeBatch"
        );
    }
}
