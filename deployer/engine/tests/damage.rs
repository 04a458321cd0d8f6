//! What is damaged is noticed and told: no panic, no hang, and nothing is believed that was not written.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::journal::{Entry, fold};
use deployer_engine::readable::unreadable;
use deployer_engine::state::{BadState, Intent, MAX_BYTES, MAX_RECORDS, Record, Scope, Standing, State};
use deployer_engine::testing::{registry, scope, tags};
use deployer_engine::value::sha256_hex;
use proptest::prelude::*;
use serde_json::{Value, json};

fn record(address: &str, id: &str, inputs: Value) -> Record {
    Record {
        address: address.parse().unwrap(),
        id: id.into(),
        type_name: "named".into(),
        region: "us-west-2".into(),
        schema: 1,
        standing: Standing::Current,
        ordinal: 0,
        inputs,
        outputs: json!({ "id": id, "revision": "1" }),
        depends: BTreeSet::new(),
    }
}

/// A small state with something of everything.
fn state() -> State {
    let mut state = State::empty(scope(), "0123456789abcdef".into());
    state.serial = 7;
    let inputs = |name: &str| json!({ "name": name, "size": 3, "links": ["a", "b"], "tags": tags("kind.n0/named") });
    state.put(record("kind.n0/named", "named:n0", inputs("n0")), Standing::Deposed);
    let depends = ["kind.n0/named".parse().unwrap()].into();
    state.put(Record { depends, ..record("kind.n1/named", "named:ü", inputs("n1")) }, Standing::Deposed);
    state.intents.push(Intent {
        address: "kind.n2/named".parse().unwrap(),
        type_name: "named".into(),
        inputs: inputs("n2"),
        depends: BTreeSet::new(),
    });
    state.outputs = [("url".to_owned(), "https://example.com/ü".to_owned())].into();
    state
}

fn sealed(body: &Value) -> String {
    json!({ "checksum": sha256_hex(body), "state": body }).to_string()
}

#[test]
fn every_prefix_of_a_state_is_told_to_be_damaged() {
    let whole = state().to_text();
    let text = whole.trim_end();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(matches!(State::read(&text[..end], &scope()), Err(BadState::Damaged(_))), "{end}");
    }
}

#[test]
fn every_flipped_bit_of_a_state_is_noticed() {
    let whole = state().to_text();
    let content: Value = serde_json::from_str(&whole).unwrap();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bent = whole.clone().into_bytes();
            bent[at] ^= 1 << bit;
            let text = String::from_utf8_lossy(&bent);
            // White space and other spellings of the same content are no damage.
            if serde_json::from_str::<Value>(&text).is_ok_and(|each| each == content) {
                continue;
            }
            assert!(State::read(&text, &scope()).is_err(), "byte {at}, bit {bit}");
        }
    }
}

/// Bodies that were found to be worth keeping, each with a seal that fits it.
const CORPUS: [&str; 12] = [
    "null",
    "[]",
    "7",
    r#"{"format":1}"#,
    r#"{"format":-1,"records":[]}"#,
    r#"{"format":1e300,"records":[]}"#,
    r#"{"format":"1","scope":{},"lineage":"","serial":0,"records":[],"intents":[],"outputs":{}}"#,
    r#"{"format":1,"scope":{"stack":"s","environment":"e","account":"000000000000","region":"us-west-2"},"lineage":"","serial":18446744073709551616,"records":[],"intents":[],"outputs":{}}"#,
    r#"{"format":1,"scope":{"stack":"s","environment":"e","account":"000000000000","region":"us-west-2"},"lineage":"","serial":0,"records":[{"address":"../../etc/passwd"}],"intents":[],"outputs":{}}"#,
    r#"{"format":1,"scope":{"stack":"s","environment":"e","account":"000000000000","region":"us-west-2"},"lineage":"","serial":0,"records":{},"intents":[],"outputs":{}}"#,
    r#"{"format":1,"scope":{"stack":"s","environment":"e","account":"000000000000","region":"us-west-2"},"lineage":"","serial":0,"records":[],"intents":[null],"outputs":{}}"#,
    r#"{"format":1,"scope":{"stack":"s","environment":"e","account":"000000000000","region":"us-west-2"},"lineage":"","serial":0,"records":[],"intents":[],"outputs":{"url":7}}"#,
];

#[test]
fn a_sealed_body_that_is_no_state_is_told_to_be_damaged() {
    for body in CORPUS {
        let body: Value = serde_json::from_str(body).unwrap();
        let read = State::read(&sealed(&body), &scope());
        assert!(matches!(read, Err(BadState::Damaged(_))), "{body}: {read:?}");
    }
}

#[test]
fn what_is_too_deep_too_large_or_too_much_is_refused_with_a_reason() {
    let deep = format!("{{\"checksum\":\"\",\"state\":{}", "[".repeat(100_000));
    let large = " ".repeat(MAX_BYTES + 1);
    let mut body = serde_json::to_value(State::empty(scope(), String::new())).unwrap();
    body["records"] = vec![json!(0); MAX_RECORDS + 1].into();
    for (text, reason) in
        [(deep, "recursion limit"), (large, "bytes, more than"), (sealed(&body), "records, more than")]
    {
        match State::read(&text, &scope()) {
            Err(BadState::Damaged(why)) => assert!(why.contains(reason), "{why}"),
            other => panic!("{reason}: {other:?}"),
        }
    }
}

#[test]
fn anothers_state_and_a_newer_one_are_told_from_a_damaged_one() {
    let mine = state();
    for (theirs, what) in [
        (Scope { account: "111122223333".into(), ..scope() }, "account 111122223333"),
        (Scope { region: "eu-west-1".into(), ..scope() }, "eu-west-1"),
        (Scope { stack: "other".into(), ..scope() }, "stack other"),
        (Scope { environment: "prod".into(), ..scope() }, "in prod"),
    ] {
        let text = State { scope: theirs, ..mine.clone() }.to_text();
        let told = State::read(&text, &scope()).unwrap_err();
        assert!(matches!(told, BadState::Foreign(_)) && told.to_string().contains(what), "{told}");
    }
    let newer = State { format: 2, ..mine }.to_text();
    assert_eq!(State::read(&newer, &scope()), Err(BadState::Newer(2)));
}

#[test]
fn a_record_that_cannot_be_read_is_named_with_what_to_do() {
    let mut state = state();
    assert_eq!(unreadable(&state, &registry()), []);
    state.put(record("kind.old/named", "x", json!({ "name": 7 })), Standing::Deposed);
    state
        .put(Record { type_name: "\u{1b}[31mx".into(), ..record("kind.new/named", "y", json!({})) }, Standing::Deposed);
    let told: Vec<_> = unreadable(&state, &registry()).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("kind.new/named") && told[0].contains("a newer deployer wrote it"), "{}", told[0]);
    assert!(!told[0].contains('\u{1b}'), "{:?}", told[0]);
    assert!(told[1].contains("kind.old/named") && told[1].contains("state rebuild"), "{}", told[1]);
}

#[test]
fn a_record_of_another_form_or_of_another_region_is_named_with_what_to_do() {
    let one = || record("kind.n0/named", "named:n0", json!({ "name": "n0", "tags": tags("kind.n0/named") }));
    let of = |record: Record| {
        let mut state = State::empty(scope(), "l".into());
        state.put(record, Standing::Deposed);
        unreadable(&state, &registry()).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(of(one()), "");
    for (other, words) in [
        (Record { schema: 2, ..one() }, ["has form 2 of a named, this deployer knows 1", "a newer deployer"]),
        (Record { schema: 0, ..one() }, ["has form 0 of a named, this deployer writes 1", "state rebuild"]),
        (Record { region: "eu-west-1".into(), ..one() }, ["in eu-west-1, and belongs in us-west-2", "state rebuild"]),
    ] {
        let told = of(other);
        assert!(words.iter().all(|word| told.contains(word)), "{told}");
    }
}

/// Any JSON, not too deep.
fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z./:$\\{\\}#]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z_]{1,8}", inner, 0..5)
                .prop_map(|members: BTreeMap<String, Value>| members.into_iter().collect()),
        ]
    })
}

/// One member of a state, or of its first record, made something else.
fn spoilt(at: usize, value: Value) -> Value {
    let mut body = serde_json::to_value(state()).unwrap();
    let fields = ["format", "scope", "lineage", "serial", "records", "intents", "outputs"];
    let of_record =
        ["address", "id", "type", "region", "schema", "standing", "ordinal", "inputs", "outputs", "depends"];
    match fields.get(at) {
        Some(field) => body[*field] = value,
        None => body["records"][0][of_record[(at - fields.len()) % of_record.len()]] = value,
    }
    body
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_sealed_state_with_anything_in_it_is_read_or_refused(at in 0..17_usize, value in json_value()) {
        let body = spoilt(at, value);
        let read = State::read(&sealed(&body), &scope());
        if let Ok(state) = read {
            // What was read is what was written, and writes itself again.
            assert_eq!(State::read(&state.to_text(), &scope()), Ok(state.clone()));
            let _ = unreadable(&state, &registry());
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}", at in 0..400_usize) {
        assert!(State::read(&text, &scope()).is_err());
        let whole = state().to_text();
        let at = (0..=at.min(whole.len())).rev().find(|each| whole.is_char_boundary(*each)).unwrap_or(0);
        let mixed = format!("{}{text}{}", &whole[..at], &whole[at..]);
        let content: Value = serde_json::from_str(&whole).unwrap();
        let same = serde_json::from_str::<Value>(&mixed).is_ok_and(|each| each == content);
        assert_eq!(State::read(&mixed, &scope()).is_ok(), same);
    }

    #[test]
    fn entries_of_any_order_and_any_repetition_fold(picked in prop::collection::vec(0..7_usize, 0..40), to in 0..4_usize) {
        let address = |at: usize| format!("kind.n{at}/named").parse().unwrap();
        let one = || record(&format!("kind.n{to}/named"), "id", json!({ "name": "n" }));
        let entries = picked.into_iter().map(|which| match which {
            0 => Entry::Opened { lineage: "l".into(), serial: 1 },
            1 => Entry::Moved { from: address(to), to: address(0) },
            2 => Entry::Begun { intent: Intent { address: address(to), type_name: "named".into(), inputs: json!({}), depends: BTreeSet::new() } },
            3 => Entry::Done { record: Box::new(one()), retire: Standing::Deposed },
            4 => Entry::Removed { address: address(to), id: "id".into() },
            5 => Entry::Settled { address: address(to) },
            _ => Entry::Told { outputs: BTreeMap::new() },
        });
        let folded = fold(state(), entries);
        assert_eq!(State::read(&folded.to_text(), &scope()), Ok(folded));
    }

    #[test]
    fn an_entry_of_a_journal_is_read_as_written_or_not_at_all(value in json_value()) {
        if let Ok(entry) = serde_json::from_value::<Entry>(value.clone()) {
            assert_eq!(serde_json::from_value::<Entry>(serde_json::to_value(&entry).unwrap()).unwrap(), entry);
        }
    }
}
