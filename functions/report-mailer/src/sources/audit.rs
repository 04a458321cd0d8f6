//! What the deployer found about secrets and dependencies, left in the archive's folder `exports/`.

use std::sync::Arc;

use functions_shared::BoxFuture;
use functions_shared::call_error::CallError;
use functions_shared::objects::Objects;
use functions_shared::zone;
use jiff::{Timestamp, Unit};
use serde::Deserialize;

use super::exports::{lines, text, unreadable};
use super::{Dated, Source};
use crate::live::{Advisory, Audit, Leak, SecretAge};

/// Secrets, places that look like a key, advisories.
const AUDIT: &str = "exports/audit.jsonl";
/// The deployer's word for a secret that is not there.
const MISSING: &str = "missing";
/// The deployer's word for a secret that is a String and no SecureString.
const PLAINTEXT: &str = "plaintext";
/// The deployer's word for the turn of a rotation with which the next one begins.
const PUBLISH: &str = "publish";

/// Secrets and dependencies, from an export.
pub struct AuditExport(pub Arc<dyn Objects>);

impl Source<Audit> for AuditExport {
    fn name(&self) -> &'static str {
        "export audit.jsonl"
    }

    fn read(&self, _: Timestamp) -> BoxFuture<'_, Result<Dated<Audit>, CallError>> {
        Box::pin(async move { audit(&text(&*self.0, AUDIT).await?).ok_or_else(unreadable) })
    }
}

/// One line of the deployer.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Line {
    Secret(Secret),
    Leaks {
        found: Vec<Leak>,
    },
    Advisories {
        found: Vec<Advisory>,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Secret {
    stack: String,
    environment: String,
    address: String,
    /// When its value, or the present turn of its rotation, began.
    since: Option<Timestamp>,
    next: Option<Next>,
    findings: Vec<String>,
}

/// The next turn of its rotation.
#[derive(Deserialize)]
struct Next {
    turn: String,
    at: Timestamp,
}

impl Secret {
    /// Its age; none where nobody has put it in place and nobody needs it.
    fn age(self) -> Option<SecretAge> {
        let is_found = |code: &str| self.findings.iter().any(|finding| finding == code);
        let (missing, plaintext) = (is_found(MISSING), is_found(PLAINTEXT));
        let Self { stack, environment: env, address: name, since, next, .. } = self;
        let begins = next.filter(|next| next.turn == PUBLISH).zip(since);
        let days =
            begins.and_then(|(next, since)| next.at.since((Unit::Hour, since)).ok()).map(|span| span.get_hours() / 24);
        let rotate_after_days = days.and_then(|days| u32::try_from(days).ok());
        let age = SecretAge { stack, env, name, changed: since.map(zone::date_of), rotate_after_days, plaintext: None };
        match (since, missing) {
            (Some(_), _) => Some(SecretAge { plaintext: Some(plaintext), ..age }),
            (None, true) => Some(age),
            (None, false) => None,
        }
    }
}

/// The audit of an export; `None`: it is none, or does not say what looks like a key.
fn audit(text: &str) -> Option<Dated<Audit>> {
    let Dated { data, at } = lines::<Line>(text)?;
    let (mut audit, mut leaks) = (Audit::default(), None);
    for line in data {
        match line {
            Line::Secret(secret) => audit.secrets.extend(secret.age()),
            Line::Leaks { found } => leaks = Some(found),
            Line::Advisories { found } => audit.advisories = Some(found),
            Line::Other => {}
        }
    }
    audit.leaks = leaks?;
    Some(Dated { data: audit, at })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const SECRET: &str = r#"{"type":"secret","stack":"crew","environment":"prod","address":"secret.NAME","kind":"random","version":1,"since":SINCE,"next":NEXT,"findings":[FINDINGS]}"#;
    const WRITTEN: &str = r#"{"type":"export","at":"2026-11-20T09:30:00Z"}"#;
    const NO_LEAKS: &str = r#"{"type":"leaks","files":4,"found":[]}"#;

    fn secret(name: &str, since: &str, next: &str, findings: &str) -> String {
        SECRET.replace("NAME", name).replace("SINCE", since).replace("NEXT", next).replace("FINDINGS", findings)
    }

    fn export(lines: &[String]) -> String {
        [&[WRITTEN.to_owned()][..], lines].concat().join("\n")
    }

    #[test]
    fn a_secret_has_its_age_and_its_rule_and_one_that_is_needed_and_missing_may_be_anywhere() {
        let since = "\"2026-08-01T20:00:00Z\"";
        let secrets = [
            secret("jwt", since, r#"{"turn":"publish","at":"2026-10-30T20:00:00Z","due":true}"#, "\"overdue\""),
            secret("origin", since, r#"{"turn":"retire","at":"2026-08-02T20:00:00Z","due":false}"#, ""),
            secret("links", "null", "null", "\"missing\""),
            secret("chat", "null", "null", ""),
            secret("hook", since, "null", "\"plaintext\""),
            NO_LEAKS.to_owned(),
        ];
        let audit = audit(&export(&secrets)).expect("an audit").data;
        let told: Vec<_> = audit
            .secrets
            .iter()
            .map(|one| (one.name.as_str(), one.rotate_after_days, one.plaintext, one.is_overdue(date(2026, 11, 20))))
            .collect();
        let expected = [
            ("secret.jwt", Some(90), Some(false), Some(true)),
            ("secret.origin", None, Some(false), Some(false)),
            ("secret.links", None, None, None),
            ("secret.hook", None, Some(true), Some(false)),
        ];
        assert_eq!(told, expected);
        assert_eq!(audit.secrets[0].changed, Some(date(2026, 8, 1)));
        assert_eq!((audit.leaks.len(), audit.advisories), (0, None));
    }

    #[test]
    fn what_looks_like_a_key_and_what_is_weak_is_told_and_without_a_look_there_is_no_audit() {
        let leaks = r#"{"type":"leaks","files":4,"found":[{"path":"a.sh","line":3,"what":"an AWS access key"}]}"#;
        let weak =
            r#"{"type":"advisories","found":[{"id":"RUSTSEC-2026-0001","package":"x","severity":"vulnerability"}]}"#;
        let audit_of =
            |lines: &[&str]| audit(&export(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>()));
        let told = audit_of(&[leaks, weak, r#"{"type":"later","x":1}"#]).expect("an audit").data;
        assert_eq!((told.leaks[0].line, told.leaks[0].path.as_str()), (3, "a.sh"));
        assert_eq!(told.advisories.expect("asked")[0].id, "RUSTSEC-2026-0001");
        assert_eq!(audit_of(&[weak]), None);
        assert_eq!(audit(NO_LEAKS), None, "nobody says when it was written");
    }
}
