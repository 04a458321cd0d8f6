//! Where an environment's state is kept: `state = { bucket, prefix, region }`.

use crate::diagnostic::{Diagnostic, Faults, did_you_mean, shown};
use crate::stack::{Node, NodeValue, check_region};

/// Shortest and longest name of a bucket. Source: S3 bucket naming rules.
const BUCKET_LENGTH: std::ops::RangeInclusive<usize> = 3..=63;
/// Longest prefix: S3 keys have at most 1024 bytes, and stack, environment and file names follow it.
const MAX_PREFIX_LENGTH: usize = 512;
const KEYS: [&str; 3] = ["bucket", "prefix", "region"];
const EXAMPLE: &str = "write `state = { bucket = \"deployer-state-111122223333\" }`";

/// The S3 bucket that keeps an environment's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateBucket {
    /// Its name. It belongs to the environment's account.
    pub bucket: String,
    /// What the keys of its objects begin with: empty, or it ends with `/`.
    pub prefix: String,
    /// The region that it is in, when it is not the environment's.
    pub region: Option<String>,
}

/// Reads `state`; `None` when there is none, or none that could be used.
pub(super) fn read(environment: &Node, faults: &mut Faults<'_>) -> Option<StateBucket> {
    let node = environment.get("state")?;
    if !matches!(node.value, NodeValue::Table(_)) {
        faults.add(node.span, || {
            let message = format!("`state` is a table, not {}", node.what());
            Diagnostic::error("wrong-type", message).hint(EXAMPLE)
        });
        return None;
    }
    for (key, _) in node.entries().iter().filter(|(key, _)| !KEYS.contains(&key.name.as_str())) {
        faults.add(key.span, || {
            let hint = did_you_mean(&key.name, KEYS)
                .unwrap_or_else(|| "`state` has `bucket`, and may have `prefix` and `region`".to_owned());
            Diagnostic::error("unknown-key", format!("unknown key `{}` in state", shown(&key.name))).hint(hint)
        });
    }
    let bucket = text(node, "bucket", check_bucket, faults);
    if node.get("bucket").is_none() {
        faults.add(node.span, || Diagnostic::error("missing-key", "`state` has no `bucket`").hint(EXAMPLE));
    }
    let prefix = text(node, "prefix", check_prefix, faults).unwrap_or_default();
    let prefix = if prefix.is_empty() { prefix } else { format!("{}/", prefix.trim_end_matches('/')) };
    Some(StateBucket { bucket: bucket?, prefix, region: text(node, "region", check_region, faults) })
}

fn text(node: &Node, key: &str, check: fn(&str) -> Result<(), Diagnostic>, faults: &mut Faults<'_>) -> Option<String> {
    let value = node.get(key)?;
    let fault = match value.as_str() {
        Some(text) => check(text).err(),
        None => {
            let message = format!("`state.{key}` is a string, not {}", value.what());
            Some(Diagnostic::error("wrong-type", message).hint("put it in quotes"))
        }
    };
    if let Some(fault) = fault {
        faults.add(value.span, || fault);
    }
    value.as_str().map(str::to_owned)
}

/// Whether a bucket can have this name. Dots are allowed by S3, but no certificate covers such a bucket.
fn check_bucket(name: &str) -> Result<(), Diagnostic> {
    let plain = |each: u8| each.is_ascii_lowercase() || each.is_ascii_digit();
    let edges = [name.bytes().next(), name.bytes().last()].iter().all(|each| each.is_some_and(plain));
    let whole = name.bytes().all(|each| plain(each) || each == b'-');
    if whole && edges && BUCKET_LENGTH.contains(&name.len()) {
        return Ok(());
    }
    let rule = "3 to 63 lower-case letters, digits and `-`, beginning and ending with a letter or a digit";
    Err(Diagnostic::error("bad-bucket", format!("`{}` cannot name a bucket", shown(name))).hint(rule))
}

fn check_prefix(prefix: &str) -> Result<(), Diagnostic> {
    let plain = |each: u8| each.is_ascii_alphanumeric() || b"-_./".contains(&each);
    let parts = || prefix.trim_end_matches('/').split('/');
    let whole = prefix.bytes().all(plain) && parts().all(|part| !part.trim_matches('.').is_empty());
    if prefix.len() <= MAX_PREFIX_LENGTH && whole {
        return Ok(());
    }
    let rule = format!("letters, digits and `-_.` in parts between `/`, at most {MAX_PREFIX_LENGTH}, such as `crew/`");
    Err(Diagnostic::error("bad-prefix", format!("`{}` cannot begin a key", shown(prefix))).hint(rule))
}
