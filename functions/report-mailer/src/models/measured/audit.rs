//! What the audit of secrets and dependencies counts.

use super::Probe;
use crate::figure::Unit;
use crate::live::Audit;

pub(super) const AUDIT: [Probe<Audit>; 3] = [
    Probe {
        id: "secrets-overdue",
        label: "Secrets overdue for rotation",
        unit: Unit::Count,
        // One of which nobody tells when it changed may be overdue.
        read: |audit, day| count(audit.secrets.iter().map(|one| one.is_overdue(day))),
    },
    Probe {
        id: "secrets-plaintext",
        label: "Secrets in plain text, and keys in files",
        unit: Unit::Count,
        // One that nobody has found in its place may be anywhere.
        read: |audit, _| Some(count(audit.secrets.iter().map(|one| one.plaintext))? + audit.leaks.len() as f64),
    },
    Probe {
        id: "advisories",
        label: "Known weaknesses of dependencies",
        unit: Unit::Count,
        read: |audit, _| Some(audit.advisories.as_ref()?.len() as f64),
    },
];

/// How many things are so; absent where that is not known of one of them.
fn count(things: impl Iterator<Item = Option<bool>>) -> Option<f64> {
    things.map(|is_so| is_so.map(|is_so| f64::from(u8::from(is_so)))).sum()
}
