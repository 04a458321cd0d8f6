//! The versions of a secret's parameter, and the labels that say what each is for.
//!
//! Without labels the latest version is the value. The first rotation labels it, and from then on labels only move:
//! all three stand on the value in use when no rotation is under way. So no label is ever left behind on an old version,
//! which would keep AWS from forgetting it and, at the hundredth, from taking a new one.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ssm::primitives::{DateTime, DateTimeFormat};
use aws_sdk_ssm::types::{Parameter, ParameterType};
use deployer_engine::resource::CloudError;
use serde::{Deserialize, Serialize};

use crate::Cloud;
use crate::client::all_of;
use crate::parameters;
use crate::rotation::Stage;

/// The label of the value that is used. Permanent: functions read it.
pub const CURRENT: &str = "current";
/// The label of the value that was used before; accepted. Permanent: functions read it.
pub const PREVIOUS: &str = "previous";
/// The label of the value that will be used next; accepted. Permanent: functions read it.
pub const NEXT: &str = "next";

/// One version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its number, from 1.
    pub number: i64,
    /// When it was made, in epoch seconds.
    pub at: u64,
}

/// What is known of the versions of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Versions {
    /// The version that was made last.
    pub latest: Version,
    /// The labelled ones, where there are labels.
    pub labelled: Option<Labelled>,
    /// Whether it is a SecureString, and no String that whoever lists parameters may read.
    pub secure: bool,
}

/// What state knows of a secret: which value is in use, and nothing of what it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretOutputs {
    /// The version of the parameter that is in use, as decimal text: it changes when the value does.
    pub generation: String,
    /// When the value in use was made, in RFC 3339, UTC. Absent: AWS has not told yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
}

/// What the labels stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// The value that is used.
    pub current: Version,
    /// The value that was used before.
    pub previous: Option<i64>,
    /// The value that will be used next.
    pub next: Option<Version>,
}

/// When labels were moved last, in epoch seconds, as the tags of a parameter tell; labels have no time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TurnTimes {
    /// When a value was named as the next one.
    pub published: Option<u64>,
    /// When the next value came into use.
    pub activated: Option<u64>,
}

impl Versions {
    /// The value that is used.
    pub fn current(&self) -> Version {
        self.labelled.map_or(self.latest, |labelled| labelled.current)
    }

    /// The value that was published and is not used yet.
    pub fn published(&self) -> Option<Version> {
        let labelled = self.labelled?;
        labelled.next.filter(|next| next.number > labelled.current.number)
    }

    /// Where the secret stands.
    pub fn stage(&self, times: TurnTimes) -> Stage {
        let current = self.current();
        let former = self.labelled.and_then(|labelled| labelled.previous).filter(|previous| *previous < current.number);
        match (self.published(), former) {
            // Noted before an earlier publication ended, it is older than the version.
            (Some(next), _) => Stage::Published { since: times.published.map_or(next.at, |noted| noted.max(next.at)) },
            (None, Some(_)) => Stage::Activated { since: times.activated.unwrap_or(current.at) },
            (None, None) => Stage::Steady { since: current.at },
        }
    }
}

/// The versions of each parameter that exists, by name. Nothing is decrypted. Read budget: four GetParameters calls for
/// ten names.
pub async fn read(cloud: &Cloud, names: &[&str]) -> Result<BTreeMap<String, Versions>, CloudError> {
    read_labels(cloud, names, &[CURRENT, PREVIOUS, NEXT]).await
}

/// The version in use of each SecureString that exists, by name. Read budget: two GetParameters calls for ten names.
pub async fn in_use(cloud: &Cloud, names: &[&str]) -> Result<BTreeMap<String, Version>, CloudError> {
    let found = read_labels(cloud, names, &[CURRENT]).await?;
    let secure = found.into_iter().filter(|(_, versions)| versions.secure);
    Ok(secure.map(|(name, versions)| (name, versions.current())).collect())
}

async fn read_labels(cloud: &Cloud, names: &[&str], labels: &[&str]) -> Result<BTreeMap<String, Versions>, CloudError> {
    // A call names each parameter once: AWS does not say what it makes of one that is asked for under several labels.
    let latest: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let labelled = |label: &&str| names.iter().map(|name| format!("{name}:{label}")).collect::<Vec<_>>();
    let questions: Vec<_> = std::iter::once(latest).chain(labels.iter().map(labelled)).collect();
    let answers = all_of(questions.iter().map(|asked| parameters::selected(cloud, asked)).collect()).await?;
    let found: Vec<Parameter> = answers.into_iter().flatten().collect();
    let mut all: BTreeMap<String, BTreeMap<String, Version>> = BTreeMap::new();
    for parameter in &found {
        let selector = parameter.selector.as_deref().unwrap_or_default().trim_start_matches(':').to_owned();
        let version = Version { number: parameter.version, at: made_at(parameter).unwrap_or_default() };
        all.entry(parameter.name.clone().unwrap_or_default()).or_default().insert(selector, version);
    }
    let secure: BTreeSet<_> =
        found.iter().filter(|each| is_secure(each)).filter_map(|each| each.name.clone()).collect();
    let versions = |(name, versions): (String, _)| Some((name.clone(), of(&versions, secure.contains(&name))?));
    Ok(all.into_iter().filter_map(versions).collect())
}

/// From versions by their label, the latest under no name at all.
fn of(found: &BTreeMap<String, Version>, secure: bool) -> Option<Versions> {
    let at = |label: &str| found.get(label).copied();
    let labelled =
        at(CURRENT).map(|current| Labelled { current, previous: at(PREVIOUS).map(|each| each.number), next: at(NEXT) });
    Some(Versions { latest: at("")?, labelled, secure })
}

/// When a version of a parameter was made, in epoch seconds.
pub fn made_at(parameter: &Parameter) -> Option<u64> {
    parameter.last_modified_date.and_then(|date| u64::try_from(date.secs()).ok())
}

/// The outputs of a parameter that holds a secret. `created_at` is in epoch seconds.
pub fn outputs(version: i64, created_at: Option<u64>) -> SecretOutputs {
    let told = |at| DateTime::from_secs(i64::try_from(at).ok()?).fmt(DateTimeFormat::DateTime).ok();
    SecretOutputs { generation: version.to_string(), created_at: created_at.and_then(told) }
}

/// Whether a parameter is a SecureString.
pub fn is_secure(parameter: &Parameter) -> bool {
    parameter.r#type == Some(ParameterType::SecureString)
}

/// Moves labels to a version; one that has them already keeps them.
pub async fn label(cloud: &Cloud, name: &str, version: i64, labels: &[&str]) -> Result<(), CloudError> {
    let request = cloud.ssm().label_parameter_version().name(name).parameter_version(version);
    let labels = labels.iter().map(|each| (*each).to_owned()).collect();
    cloud.call("ssm:LabelParameterVersion", name, request.set_labels(Some(labels)).send()).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(labels: &[(&str, i64)]) -> Versions {
        let found = labels.iter().map(|(label, number)| {
            ((*label).to_owned(), Version { number: *number, at: 1_000 + u64::try_from(*number).expect("a version") })
        });
        of(&found.collect(), true).expect("there is a latest one")
    }

    #[test]
    fn the_stage_is_told_by_what_the_labels_stand_on() {
        let cases = [
            (versions(&[("", 3)]), 3, Stage::Steady { since: 1_003 }),
            // Labelled, and a version made that nothing names yet: a publication was cut off.
            (versions(&[("", 4), (CURRENT, 3), (PREVIOUS, 3)]), 3, Stage::Steady { since: 1_003 }),
            (versions(&[("", 4), (CURRENT, 3), (PREVIOUS, 3), (NEXT, 4)]), 3, Stage::Published { since: 1_500 }),
            // The time that was noted is that of an earlier publication.
            (versions(&[("", 900), (CURRENT, 3), (PREVIOUS, 3), (NEXT, 900)]), 3, Stage::Published { since: 1_900 }),
            (versions(&[("", 4), (CURRENT, 4), (PREVIOUS, 3), (NEXT, 4)]), 4, Stage::Activated { since: 2_000 }),
            (versions(&[("", 4), (CURRENT, 4), (PREVIOUS, 4), (NEXT, 4)]), 4, Stage::Steady { since: 1_004 }),
            // Taken back: what was published is named by nothing.
            (versions(&[("", 4), (CURRENT, 3), (PREVIOUS, 3), (NEXT, 3)]), 3, Stage::Steady { since: 1_003 }),
        ];
        let times = TurnTimes { published: Some(1_500), activated: Some(2_000) };
        for (versions, current, stage) in cases {
            assert_eq!((versions.current().number, versions.stage(times)), (current, stage), "{versions:?}");
        }
    }
}
