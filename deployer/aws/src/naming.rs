//! Physical names and ownership tags: how what we made is known as ours.

use std::collections::BTreeMap;

use deployer_engine::address::Address;
use deployer_engine::kind::Expand;
use deployer_engine::resolve::Environment;
use deployer_engine::resource::{CloudError, ErrorClass, Live, Resource};
use sha2::{Digest as _, Sha256};

/// Tags by key.
pub type Tags = BTreeMap<String, String>;

pub use deployer_engine::owner::{ADDRESS_TAG, ENVIRONMENT_TAG, STACK_TAG};

/// How many hex digits of a digest keep a shortened name unique.
const DIGEST_CHARS: usize = 8;

/// The physical name of a declaration's main part (named after its kind): `<stack>-<env>-<name>`.
pub fn main_name(cx: &Expand<'_>, max_chars: usize) -> String {
    let derived = joined(cx.environment(), cx.address.name(), None, max_chars);
    cx.name(cx.address.kind(), || derived)
}

/// The physical name of another part: `<stack>-<env>-<name>-<suffix>`.
pub fn part_name(cx: &Expand<'_>, part: &str, suffix: &str, max_chars: usize) -> String {
    cx.name(part, || joined(cx.environment(), cx.address.name(), Some(suffix), max_chars))
}

fn joined(environment: &Environment, name: &str, suffix: Option<&str>, max_chars: usize) -> String {
    let words = [Some(environment.stack.as_str()), Some(environment.name.as_str()), Some(name), suffix];
    shorten(words.into_iter().flatten().collect::<Vec<_>>().join("-"), max_chars)
}

/// The text, or as much of it as fits and a digest of the whole.
pub fn shorten(text: String, max_chars: usize) -> String {
    if text.len() <= max_chars {
        return text;
    }
    let digest = hex::encode(Sha256::digest(&text));
    format!("{}-{}", &text[..max_chars - DIGEST_CHARS - 1], &digest[..DIGEST_CHARS])
}

/// The stack's own tags and the three that mark a resource as ours.
pub fn tags(environment: &Environment, address: &Address) -> Tags {
    let ours = [
        (STACK_TAG, environment.stack.clone()),
        (ENVIRONMENT_TAG, environment.name.clone()),
        (ADDRESS_TAG, address.to_string()),
    ];
    environment.tags.clone().into_iter().chain(ours.map(|(key, value)| (key.to_owned(), value))).collect()
}

/// Tags as AWS gives them, less those that AWS itself sets.
pub fn own_tags(pairs: impl IntoIterator<Item = (String, String)>) -> Tags {
    pairs.into_iter().filter(|(key, _)| !key.starts_with("aws:")).collect()
}

/// What must be written and what removed so that our keys read as wanted; keys of others stay.
pub fn tag_changes(wanted: &Tags, prior: Option<&Tags>, live: &Tags) -> (Tags, Vec<String>) {
    let write = wanted
        .iter()
        .filter(|(key, value)| live.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let remove = prior
        .into_iter()
        .flatten()
        .map(|(key, _)| key)
        .filter(|key| !wanted.contains_key(*key) && live.contains_key(*key))
        .cloned()
        .collect();
    (write, remove)
}

/// Whether the live tags name the same stack and environment as the wanted ones.
pub fn are_ours(wanted: &Tags, live: &Tags) -> bool {
    [STACK_TAG, ENVIRONMENT_TAG].iter().all(|key| wanted.contains_key(*key) && wanted.get(*key) == live.get(*key))
}

/// The error for a create that met an object which is not ours.
pub fn taken(operation: &str, object: &str) -> CloudError {
    CloudError::new(
        ErrorClass::Refused,
        operation,
        object,
        "taken",
        "an object of this name exists and does not carry this stack's tags: adopt it, or pin another name",
    )
}

/// What a create that met its name taken goes on with: the object, when it is ours. What cannot be read yet is waited for.
pub fn met<R: Resource>(
    operation: &str,
    object: &str,
    wanted: &Tags,
    found: Option<Live<R>>,
    tags: impl Fn(&R) -> &Tags,
) -> Result<Live<R>, CloudError> {
    match found {
        Some(live) if are_ours(wanted, tags(&live.inputs)) => Ok(live),
        Some(_) => Err(taken(operation, object)),
        None => {
            Err(CloudError::not_yet(operation, object, "its name is taken, and what has taken it cannot be read yet"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_name_is_cut_and_stays_unique() {
        let one = shorten("a".repeat(70), 64);
        let other = shorten("a".repeat(71), 64);
        assert_eq!((one.len(), other.len()), (64, 64));
        assert_ne!(one, other);
        assert_eq!(shorten("short".into(), 64), "short");
    }

    #[test]
    fn only_our_keys_are_written_and_removed() {
        let of = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Tags>()
        };
        let (write, remove) = tag_changes(
            &of(&[("a", "1"), ("b", "2")]),
            Some(&of(&[("a", "1"), ("old", "x")])),
            &of(&[("a", "1"), ("old", "x"), ("theirs", "y")]),
        );
        assert_eq!((write, remove), (of(&[("b", "2")]), vec!["old".to_owned()]));
    }
}
