use deployer_engine::diagnostic::{Diagnostic, MAX_FAULTS, Severity};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::schema::check;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{EXAMPLE, HEAD, read};

/// A schema that finds something in every declaration of the example.
fn schema() -> Value {
    json!({
        "type": "object",
        "properties": { "key": { "anyOf": [{ "type": "string" }, { "type": "object", "required": ["hash"] }] }, "memory": { "type": "integer", "minimum": 128 } },
        "required": ["key"],
        "additionalProperties": false,
    })
}

/// Reads, resolves and checks a file as far as it goes, and answers every fault.
fn all_faults(text: &str) -> Vec<Diagnostic> {
    let file = match read(text) {
        Ok(file) => file,
        Err(faults) => return told(faults),
    };
    let mut found = Vec::new();
    for (key, _) in &file.environments {
        match resolve(&file, &key.name, &|_, _| Foreign::NotYet) {
            Ok(resolved) => {
                found.extend(resolved.warnings);
                found.extend(resolved.declarations.iter().flat_map(|each| check(each, &schema())));
            }
            Err(faults) => found.extend(told(faults)),
        }
    }
    found
}

fn told(faults: Vec<Diagnostic>) -> Vec<Diagnostic> {
    assert!(faults.iter().any(|each| each.severity == Severity::Error), "a refusal has a reason");
    faults
}

fn explained(text: &str) {
    for fault in all_faults(text) {
        let place = fault.location.as_ref().unwrap_or_else(|| panic!("no place: {fault}"));
        assert!(place.line >= 1 && place.column >= 1 && !place.file.is_empty(), "{fault}");
        assert!(!fault.message.is_empty() && !fault.message.contains('\n'), "{fault:?}");
    }
}

#[test]
fn every_prefix_is_read_or_explained() {
    for end in (0..=EXAMPLE.len()).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        explained(&EXAMPLE[..end]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_are_read_or_explained(flips in prop::collection::vec((0..EXAMPLE.len(), any::<u8>()), 1..8)) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        for (at, byte) in flips {
            bytes[at] = byte;
        }
        explained(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn shuffled_pieces_are_read_or_explained(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40)) {
        explained(&pieces.concat());
        explained(&format!("{HEAD}[a.b]\nx = {}", pieces.concat()));
        explained(&format!("{HEAD}[a.b]\nx = '{}'", pieces.concat().replace(['\'', '\n'], "")));
    }
}

const PIECES: &[&str] = &[
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "\"",
    "'",
    "'''",
    "\"\"\"",
    "a",
    "b.c",
    "$",
    "${",
    "$${",
    "${env.x}",
    "env",
    "stack",
    "output",
    "é",
    "\\",
    "#",
    "1",
    "-1.5e3",
    "true",
    "2026-01-01",
    "\t",
    "\r\n",
    "\u{0}",
    "a.b.c.d = 1\n",
    "x = [",
    "y = {",
    "[env.local]\n",
    "override = { \"a.b.c\" = 1 }\n",
    "was = \"a\"\n",
];

#[test]
fn deep_nesting_ends_quickly_and_without_overflow() {
    let deep = 100_000;
    let lines = |text: &str| format!("{HEAD}[a.b]\nx = {}", text.repeat(deep));
    let dotted = format!("{{{} = ", "a.".repeat(78) + "a");
    for text in [
        lines("[\n"),
        lines("{a=\n"),
        lines("["),
        lines("{"),
        format!("{HEAD}{}", "[[a]]\n".repeat(deep)),
        format!("{HEAD}{}", "[a.".repeat(deep)),
        format!("{HEAD}[a.b]\nx = {}", (dotted + "\n").repeat(80)),
        format!("{HEAD}x = {}", "]".repeat(deep)),
        "a.\n".repeat(deep),
    ] {
        let faults = all_faults(&text);
        assert!(!faults.is_empty() && faults.len() <= MAX_FAULTS + 1);
    }
}

#[test]
fn a_million_items_end_quickly() {
    let items = 1_000_000;
    let count = |text: &str| 1_040_000 / text.len();
    let many = |text: &str| format!("{HEAD}[a.b]\nx = [\n{}]\n", text.repeat(count(text)));
    let keys: String = (0..90_000).map(|each| format!("k{each} = 1\n")).collect();
    let env: String = (0..30_000).map(|each| format!("v{each} = 1\n")).collect();
    let uses: String = (0..30_000).map(|each| format!("u{each} = \"${{env.w{each}}}\"\n")).collect();
    let texts = [
        format!("{HEAD}[a.b]\nx = [{}]", "1,".repeat(items)),
        many("1,\n"),
        many("\"${x}\",\n"),
        format!("{HEAD}[a.b]\n{keys}"),
        format!("{HEAD}{keys}"),
        format!("{HEAD}[env.x]\naccount = \"111122223333\"\n{env}[a.b]\n{uses}"),
        format!("{HEAD}{}", "a = 1\n".repeat(170_000)),
        format!("{HEAD}{}", "= = =\n".repeat(170_000)),
        format!(
            "{HEAD}{}",
            (0..9_999).map(|each| format!("[a.n{each}]\nwas = 1\nx = \"${{y}}\"\n")).collect::<String>()
        ),
        "\u{0}".repeat(1_000_000),
    ];
    for text in texts {
        all_faults(&text);
    }
}
