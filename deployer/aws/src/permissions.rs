//! The policies that let somebody deploy a stack in one environment, look at it or rotate its secrets, and little else.

mod objects;
mod role;

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::address::Address;
use deployer_engine::kind::Desired;
use deployer_engine::resolve::Environment;
use deployer_engine::resource::Registry;
use serde_json::Value;

use crate::Cloud;
use crate::policy::{Statement, document};

use objects::{Objects, objects};
pub use role::Role;

/// The least policy, as a document, under which the commands of a role work on these resources: the
/// actions that their types declare, on names of the stack and the environment (`<stack>-<env>-*`) and on
/// the pinned ones. `more` is what else the deployer needs, such as the bucket of its state.
pub fn role_policy(
    role: Role,
    registry: &Registry<Cloud>,
    environment: &Environment,
    desired: &BTreeMap<Address, Desired>,
    more: &[Statement],
) -> Value {
    let of_types = role.types(desired).into_iter().flat_map(|each| registry.facts(each).actions.iter().copied());
    let mut actions: BTreeMap<Objects, BTreeSet<&str>> = BTreeMap::new();
    for action in of_types.chain(role.of_commands(desired)).filter(|action| role.needs(action)) {
        for each in objects(action) {
            actions.entry(*each).or_default().insert(action);
        }
    }
    let names = Names { role, environment, desired };
    let statement = |(objects, actions): (Objects, BTreeSet<&str>)| {
        let arns = names.arns(objects);
        let statement = Statement::new(&format!("{objects:?}"), &actions.into_iter().collect::<Vec<_>>(), arns);
        match objects.condition(environment) {
            Some((operator, condition)) => statement.when(operator, condition),
            None => statement,
        }
    };
    let statements = actions.into_iter().map(statement).filter(|each| !each.resources.is_empty());
    let more = more.iter().cloned().map(|each| role.narrowed(each));
    document(&statements.chain(more).collect::<Vec<_>>())
}

/// The physical names of a stack.
struct Names<'a> {
    role: Role,
    environment: &'a Environment,
    desired: &'a BTreeMap<Address, Desired>,
}

impl Names<'_> {
    fn arns(&self, objects: Objects) -> Vec<String> {
        let Environment { account, region, .. } = self.environment;
        let global = |kind: &str| vec![format!("arn:aws:cloudfront::{account}:{kind}/*")];
        let here = |service: &str, kind: &str| format!("arn:aws:{service}:{region}:{account}:{kind}");
        let dashed = format!("{}-{}-", self.environment.stack, self.environment.name);
        match objects {
            Objects::Anything | Objects::NewCertificates | Objects::NewEventSources | Objects::NewKeys => {
                vec!["*".to_owned()]
            }
            // CloudFront mints the ids of these, so that no policy can know them beforehand.
            Objects::Alarms => self.in_regions(&["cloudwatch_alarm", "edge_cloudwatch_alarm"], &dashed, &|region| {
                format!("arn:aws:cloudwatch:{region}:{account}:alarm:")
            }),
            // It is judged on all alarms, whatever names are asked for.
            Objects::AlarmListing => vec![format!("arn:aws:cloudwatch:*:{account}:alarm:*")],
            Objects::AnyKeys => vec![here("kms", "key/*")],
            Objects::AccessControls => global("origin-access-control"),
            Objects::CachePolicies => global("cache-policy"),
            Objects::Certificates | Objects::OwnCertificates => {
                vec![format!("arn:aws:acm:us-east-1:{account}:certificate/*")]
            }
            Objects::Distributions => global("distribution"),
            Objects::HeadersPolicies => global("response-headers-policy"),
            Objects::EdgeFunctions => self.named(
                &["cloudfront_function"],
                "name",
                &dashed,
                &format!("arn:aws:cloudfront::{account}:function/"),
                &[""],
            ),
            Objects::BucketContents => self.named(&["s3_bucket"], "name", &dashed, "arn:aws:s3:::", &["/*"]),
            Objects::Buckets => self.named(&["s3_bucket"], "name", &dashed, "arn:aws:s3:::", &[""]),
            Objects::ConfigurationSets => {
                self.named(&["ses_configuration_set"], "name", &dashed, &here("ses", "configuration-set/"), &[""])
            }
            Objects::Functions => {
                self.named(&["lambda_function"], "name", &dashed, &here("lambda", "function:"), &["", ":*"])
            }
            // Lambda mints their ids.
            Objects::EventSources => vec![here("lambda", "event-source-mapping:*")],
            Objects::Identities => self
                .exact(&["ses_identity", "local_identity"], "address")
                .chain(self.exact(&["ses_domain"], "domain"))
                .map(|address| here("ses", &format!("identity/{address}")))
                .collect(),
            Objects::KeyAliases => vec![here("kms", &format!("alias/{dashed}*"))],
            // Where the stack has a key: AWS mints the names, and the tags tell whose it is.
            Objects::OwnKeys if self.desired.values().any(|each| each.type_name == "kms_key") => {
                vec![here("kms", "key/*")]
            }
            Objects::OwnKeys => Vec::new(),
            // The keys that secrets choose; where none does, the account's own key for SSM needs no permission.
            Objects::Keys => {
                self.exact(&["rs256_ring", "ssm_secret"], "key").filter(|key| key.contains(":key/")).collect()
            }
            Objects::LogGroupListing => vec![here("logs", "log-group:*")],
            Objects::LogGroups => self.named(
                &["log_group"],
                "name",
                &format!("/aws/lambda/{dashed}"),
                &here("logs", "log-group:"),
                &["", ":*"],
            ),
            Objects::Parameters if self.role == Role::Rotate => {
                let rings =
                    self.exact(&["rs256_ring"], "name").flat_map(|ring| ["", "/*"].map(|end| format!("{ring}{end}")));
                let values = self.exact(&["external_secret", "ssm_secret"], "name");
                let mut names: Vec<String> = rings.chain(values).collect();
                names.sort();
                names.iter().map(|name| here("ssm", &format!("parameter{name}"))).collect()
            }
            Objects::Parameters => {
                let folder = format!("/{}/{}/", self.environment.stack, self.environment.name);
                let types = ["external_secret", "ssm_parameter", "ssm_secret"];
                let mut arns = self.named(&types, "name", &folder, &here("ssm", "parameter"), &[""]);
                let rings = self.exact(&["rs256_ring"], "name").filter(|name| !name.starts_with(&folder));
                arns.extend(rings.flat_map(|ring| ["", "/*"].map(|end| here("ssm", &format!("parameter{ring}{end}")))));
                arns
            }
            Objects::PassedRoles | Objects::Roles => {
                self.named(&["iam_role"], "name", &dashed, &format!("arn:aws:iam::{account}:role/"), &[""])
            }
            Objects::Queues => self.named(&["sqs_queue"], "name", &dashed, &here("sqs", ""), &[""]),
            Objects::Rules => self.named(&["event_rule"], "name", &dashed, &here("events", "rule/"), &[""]),
            Objects::Tables => self.named(&["dynamodb_table"], "name", &dashed, &here("dynamodb", "table/"), &[""]),
            Objects::Topics => self.in_regions(&["sns_topic", "edge_sns_topic"], &dashed, &|region| {
                format!("arn:aws:sns:{region}:{account}:")
            }),
            // Which zone holds a domain is seen when it is asked for.
            Objects::Zones => vec!["arn:aws:route53:::hostedzone/*".to_owned()],
            Objects::WebAcls => {
                let all = format!("arn:aws:wafv2:us-east-1:{account}:global/");
                // An ACL is judged together with the sets of rules that it names.
                let mut arns = self.named(&["web_acl"], "name", &dashed, &format!("{all}webacl/"), &["/*"]);
                arns.push(format!("{all}managedruleset/*"));
                arns
            }
        }
    }

    /// The same as `named` for two types, the second of which stands in us-east-1; where there is none, that is left out.
    fn in_regions(&self, types: &[&str; 2], beginning: &str, arn: &dyn Fn(&str) -> String) -> Vec<String> {
        let places = [(types[0], self.environment.region.as_str()), (types[1], "us-east-1")];
        let present = |(kind, _): &(&str, &str)| self.desired.values().any(|each| each.type_name == *kind);
        let present = places.into_iter().filter(present);
        present.flat_map(|(kind, region)| self.named(&[kind], "name", beginning, &arn(region), &[""])).collect()
    }

    /// ARNs of every name that begins as the stack's do, and of the others of these types one by one.
    /// An ARN goes on after the name with one of the `ends`.
    fn named(&self, types: &[&str], field: &str, beginning: &str, arn: &str, ends: &[&str]) -> Vec<String> {
        let ours =
            format!("{arn}{beginning}*{}", ends.first().filter(|end| **end == "/*").copied().unwrap_or_default());
        let pinned = self.exact(types, field).filter(|name| !name.starts_with(beginning));
        std::iter::once(ours)
            .chain(pinned.flat_map(|name| ends.iter().map(move |end| format!("{arn}{name}{end}"))))
            .collect()
    }

    /// The names of these types, sorted.
    fn exact(&self, types: &[&str], field: &str) -> impl Iterator<Item = String> {
        let of_types = self.desired.values().filter(|each| types.contains(&each.type_name));
        let names: BTreeSet<_> =
            of_types.filter_map(|each| each.inputs.get(field)?.as_str().map(str::to_owned)).collect();
        names.into_iter()
    }
}

#[cfg(test)]
mod tests;
