//! The header of a stack file: `stack = { name, region, tags }`.

use std::collections::BTreeMap;

use super::{Key, Node, NodeValue};
use crate::diagnostic::{Diagnostic, Faults, Span, did_you_mean, shown};

/// Longest name of a stack or an environment: physical names of at most 63 characters begin with both.
pub const MAX_NAME_LENGTH: usize = 32;
/// Most tags. AWS keeps 50 on an object, and the deployer's own are among them.
pub const MAX_TAGS: usize = 40;
/// Longest key of a tag, in characters. Source: AWS tag restrictions.
const MAX_TAG_KEY_LENGTH: usize = 128;
/// Longest value of a tag, in characters. Source: AWS tag restrictions.
const MAX_TAG_VALUE_LENGTH: usize = 256;
/// Prefixes of tag keys that others write.
const RESERVED_TAG_PREFIXES: [&str; 2] = ["aws:", "deployer:"];
const KEYS: [&str; 3] = ["name", "region", "tags"];

/// What the header says; empty where it was faulty.
#[derive(Default)]
pub(super) struct Header {
    pub(super) name: String,
    pub(super) region: String,
    pub(super) tags: BTreeMap<String, String>,
}

/// Reads the header, `None` when the file has none.
pub(super) fn read(header: Option<&(Key, Node)>, faults: &mut Faults<'_>) -> Header {
    let Some((key, node)) = header else {
        faults.add(Span::default(), || {
            Diagnostic::error("missing-key", "the file does not say which stack it is")
                .hint("begin with `stack = { name = \"shop\", region = \"us-west-2\" }`")
        });
        return Header::default();
    };
    if !matches!(node.value, NodeValue::Table(_)) {
        faults.add(node.span, || {
            let message = format!("`stack` is a table, not {}", node.what());
            Diagnostic::error("wrong-type", message).hint("write `stack = { name = \"shop\", region = \"us-west-2\" }`")
        });
        return Header::default();
    }
    for (each, _) in node.entries().iter().filter(|(each, _)| !KEYS.contains(&each.name.as_str())) {
        faults.add(each.span, || {
            let hint =
                did_you_mean(&each.name, KEYS).unwrap_or_else(|| "`stack` has `name`, `region` and `tags`".to_owned());
            Diagnostic::error("unknown-key", format!("unknown key `{}` in stack", shown(&each.name))).hint(hint)
        });
    }
    let name = text(node, "name", key.span, check_name, faults);
    let region = text(node, "region", key.span, check_region, faults);
    Header { name, region, tags: node.get("tags").map(|tags| read_tags(tags, faults)).unwrap_or_default() }
}

type Check = fn(&str) -> Result<(), Diagnostic>;

fn text(header: &Node, key: &str, header_span: Span, check: Check, faults: &mut Faults<'_>) -> String {
    let Some(node) = header.get(key) else {
        faults.add(header_span, || Diagnostic::error("missing-key", format!("`stack` has no `{key}`")));
        return String::new();
    };
    let Some(text) = node.as_str() else {
        faults.add(node.span, || {
            Diagnostic::error("wrong-type", format!("`stack.{key}` is a string, not {}", node.what()))
        });
        return String::new();
    };
    if let Err(fault) = check(text) {
        faults.add(node.span, || fault);
    }
    text.to_owned()
}

/// Whether this may name a stack or an environment.
pub(crate) fn check_name(name: &str) -> Result<(), Diagnostic> {
    let begins_well = name.starts_with(|first: char| first.is_ascii_lowercase());
    let all_well = name.bytes().all(|each| each.is_ascii_lowercase() || each.is_ascii_digit() || each == b'-');
    if begins_well && all_well && name.len() <= MAX_NAME_LENGTH {
        return Ok(());
    }
    let rule = format!(
        "lower-case letters, digits and `-`, at most {MAX_NAME_LENGTH}, beginning with a letter: names on AWS are made from it"
    );
    Err(Diagnostic::error("bad-name", format!("`{}` cannot be a name", shown(name))).hint(rule))
}

/// Whether this looks like the name of an AWS region.
pub(crate) fn check_region(region: &str) -> Result<(), Diagnostic> {
    let parts: Vec<&str> = region.split('-').collect();
    let well = match parts.as_slice() {
        [area, middle @ .., number] if !middle.is_empty() => {
            let letters = |part: &str| !part.is_empty() && part.bytes().all(|each| each.is_ascii_lowercase());
            area.len() == 2
                && letters(area)
                && middle.iter().all(|part| letters(part))
                && number.len() == 1
                && number.as_bytes()[0].is_ascii_digit()
        }
        _ => false,
    };
    let fault = || {
        Diagnostic::error("bad-region", format!("`{}` is no region", shown(region)))
            .hint("a region looks like `us-west-2`")
    };
    if well { Ok(()) } else { Err(fault()) }
}

fn read_tags(node: &Node, faults: &mut Faults<'_>) -> BTreeMap<String, String> {
    if !matches!(node.value, NodeValue::Table(_)) {
        faults.add(node.span, || {
            Diagnostic::error("wrong-type", format!("`stack.tags` is a table, not {}", node.what()))
                .hint("write `tags = { owner = \"platform\" }`")
        });
    }
    if node.entries().len() > MAX_TAGS {
        faults.add(node.span, || {
            Diagnostic::error("too-many-tags", format!("there are {} tags, more than {MAX_TAGS}", node.entries().len()))
        });
    }
    let mut tags = BTreeMap::new();
    for (key, value) in node.entries() {
        match check_tag(&key.name, value) {
            Ok(text) => {
                tags.insert(key.name.clone(), text.to_owned());
            }
            Err((of_key, fault)) => {
                faults.add(if of_key { key.span } else { value.span }, || fault);
            }
        }
    }
    tags
}

/// The value of a tag, or a fault of its key (`true`) or its value.
fn check_tag<'a>(key: &str, value: &'a Node) -> Result<&'a str, (bool, Diagnostic)> {
    let bad = |what: &str| Diagnostic::error("bad-tag", format!("the tag `{}` {what}", shown(key)));
    let allowed = |text: &str| text.chars().all(|each| each.is_alphanumeric() || " +-=._:/@".contains(each));
    if let Some(prefix) = RESERVED_TAG_PREFIXES.iter().find(|prefix| key.to_lowercase().starts_with(*prefix)) {
        return Err((true, bad(&format!("begins with `{prefix}`, which is reserved"))));
    }
    if key.is_empty() || key.chars().count() > MAX_TAG_KEY_LENGTH || !allowed(key) {
        let rule = format!("1 to {MAX_TAG_KEY_LENGTH} letters, digits, spaces and `+-=._:/@`");
        return Err((true, bad("has a key that AWS refuses").hint(rule)));
    }
    let Some(text) = value.as_str() else {
        return Err((false, bad(&format!("is a string, not {}", value.what())).hint("put it in quotes")));
    };
    if text.chars().count() > MAX_TAG_VALUE_LENGTH || !allowed(text) {
        let rule = format!("at most {MAX_TAG_VALUE_LENGTH} letters, digits, spaces and `+-=._:/@`, and no expressions");
        return Err((false, bad("has a value that AWS refuses").hint(rule)));
    }
    Ok(text)
}
