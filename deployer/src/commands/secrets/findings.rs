//! What somebody should do about secrets. Pure.

use deployer_aws::kinds::secret::{DeclaredSecret, Made};
use deployer_aws::rotation::{Stage, Turn, due};
use deployer_aws::secrets::Standing;

use super::told::time;

/// Seconds of a day.
pub const DAY: u64 = 86_400;
/// How long a rotation may wait for somebody to go on with it, in seconds: longer, and it was forgotten.
const FORGOTTEN_AFTER: u64 = 7 * DAY;

/// Something that somebody should do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A word that programs know it by.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub what: String,
}

/// What makes a value that is not there, or puts it there.
pub fn comes_by(secret: &DeclaredSecret) -> &'static str {
    let by_hand = secret.optional || matches!(secret.made, Made::ByHand);
    if by_hand { "`deployer secrets set` puts it there" } else { "`deployer up` makes it" }
}

/// What somebody should do about a secret.
pub fn findings(secret: &DeclaredSecret, standing: Option<&Standing>, now: u64) -> Vec<Finding> {
    let Some(standing) = standing else {
        if secret.optional {
            return Vec::new();
        }
        return vec![Finding { code: "missing", what: format!("it is not there: {}", comes_by(secret)) }];
    };
    let mut found: Vec<_> = late(secret, standing.stage, now).into_iter().collect();
    if standing.plaintext {
        let what = format!(
            "it is a String that whoever lists parameters may read, in every version: give it a new value where it is used, `aws ssm delete-parameter --name {}`, then {}",
            secret.name,
            comes_by(secret)
        );
        found.push(Finding { code: "plaintext", what });
    }
    if secret.readers.is_empty() {
        found.push(Finding { code: "unread", what: "no function may read it: grant it, or remove it".to_owned() });
    }
    found
}

/// What is late about its rotation.
pub fn late(secret: &DeclaredSecret, stage: Stage, now: u64) -> Option<Finding> {
    match due(stage, secret.terms) {
        Some((Turn::Publish, at)) if at <= now => {
            let days = (now - at) / DAY;
            let what = format!("due since {} ({days} days): {}", time(at), way(secret));
            Some(Finding { code: "overdue", what })
        }
        Some((turn, at)) if turn != Turn::Publish && at.saturating_add(FORGOTTEN_AFTER) <= now => {
            let what = format!("its rotation waits since {} for `deployer secrets resume`", time(at));
            Some(Finding { code: "unfinished", what })
        }
        _ => None,
    }
}

fn way(secret: &DeclaredSecret) -> String {
    match (&secret.made, &secret.how) {
        (Made::ByHand, Some(how)) => format!("{how}, then `deployer secrets set {}`", secret.address),
        (Made::ByHand, None) => format!("`deployer secrets set {}`", secret.address),
        _ => "`deployer secrets rotate`".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use deployer_aws::kinds::secret::SecretKind;
    use deployer_aws::naming::Tags;
    use deployer_aws::rotation::Terms;

    use super::*;

    const MADE: u64 = 1_790_000_000;

    fn secret(made: Made, readers: &[&str]) -> DeclaredSecret {
        DeclaredSecret {
            address: "secret.slack".parse().expect("an address"),
            kind: SecretKind::External,
            name: "/shop/prod/secret/slack".to_owned(),
            key: None,
            tags: Tags::new(),
            terms: Terms::of_value(Some(90 * DAY), 0),
            how: Some("docs/rotate-slack.md".to_owned()),
            made,
            optional: false,
            readers: readers.iter().map(|each| each.parse().expect("an address")).collect(),
            carried: false,
        }
    }

    fn steady_one() -> Standing {
        let stage = Stage::Steady { since: MADE };
        Standing { version: 1, stage, changed_by: None, left_over: false, promised: None, plaintext: false }
    }

    #[test]
    fn a_value_that_whoever_lists_parameters_may_read_is_told_with_the_way_out() {
        let standing = Standing { plaintext: true, ..steady_one() };
        let found = findings(&secret(Made::ByHand, &["function.api"]), Some(&standing), MADE);
        assert_eq!(found.iter().map(|each| each.code).collect::<Vec<_>>(), ["plaintext"]);
        assert!(found[0].what.contains("delete-parameter --name /shop/prod/secret/slack"), "{found:?}");
    }

    #[test]
    fn what_somebody_should_do_is_found_on_its_day_and_not_before() {
        let read = secret(Made::ByHand, &["function.api"]);
        let codes = |stage, now| {
            let standing = Standing { stage, ..steady_one() };
            findings(&read, Some(&standing), now).iter().map(|each| each.code).collect::<Vec<_>>()
        };
        let steady = Stage::Steady { since: MADE };
        let published = Stage::Published { since: MADE };
        let cases = [
            (steady, MADE + 90 * DAY - 1, vec![]),
            (steady, MADE + 90 * DAY, vec!["overdue"]),
            // A rotation under way may wait for a week for somebody to go on with it.
            (published, MADE + 360 + 7 * DAY - 1, vec![]),
            (published, MADE + 360 + 7 * DAY, vec!["unfinished"]),
            (Stage::Activated { since: MADE }, MADE + 10 * DAY, vec!["unfinished"]),
        ];
        for (stage, now, expected) in cases {
            assert_eq!(codes(stage, now), expected, "{stage:?} {now}");
        }
        assert_eq!(findings(&read, None, MADE)[0].code, "missing");
        let optional = DeclaredSecret { optional: true, ..read.clone() };
        assert_eq!(findings(&optional, None, MADE), [], "its readers do without it");
        let overdue = steady_one();
        let found = findings(&secret(Made::ByHand, &[]), Some(&overdue), MADE + 100 * DAY);
        assert_eq!(found.iter().map(|each| each.code).collect::<Vec<_>>(), ["overdue", "unread"]);
        assert!(found[0].what.contains("(10 days): docs/rotate-slack.md, then `deployer secrets set"), "{found:?}");
    }
}
