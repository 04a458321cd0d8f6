use std::collections::BTreeMap;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::schema::{check, stack_schema};
use insta::assert_snapshot;
use schemars::{JsonSchema, schema_for};
use serde_json::{Value, json};

use super::{HEAD, declared, resolve_in, shown};

/// A function, as kinds look.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Function {
    /// How its code is built.
    build: Build,
    /// Memory in MiB.
    #[schemars(range(min = 128, max = 10240))]
    memory: Option<u32>,
    /// How long it may run.
    #[schemars(regex(pattern = r"^[0-9]+(s|m)$"), example = "10s")]
    timeout: Option<String>,
    env: Option<BTreeMap<String, String>>,
    #[schemars(length(max = 3))]
    grants: Option<Vec<Grant>>,
    url: Option<Url>,
    rotate: Option<Rotation>,
    share: Option<f64>,
    reserved: Option<bool>,
    after: Option<BTreeMap<DeclarationAddress, Size>>,
    size: Option<Size>,
    #[schemars(length(min = 2, max = 4))]
    code: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[allow(dead_code)]
struct Build {
    package: String,
    arch: Option<Arch>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Arch {
    /// Graviton.
    Arm64,
    /// Intel and AMD.
    Amd64,
}

/// Text in short, a table in full.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum Grant {
    Short(String),
    Full { on: String, verbs: Vec<String> },
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code)]
enum Size {
    Count(u8),
    Word(Word),
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code)]
enum Word {
    Small,
    Large,
}

/// Differs by one key.
#[derive(JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
#[allow(dead_code)]
enum Rotation {
    Random { bytes: u32 },
    Rs256Ring { every: String },
}

/// Differs by its only key.
#[derive(JsonSchema)]
#[serde(rename_all = "lowercase")]
#[allow(dead_code)]
enum Url {
    Open,
    Cdn { name: String },
    Iam { role: String },
}

fn schema() -> Value {
    schema_for!(Function).to_value()
}

fn faults(lines: &str) -> String {
    shown(&check(&declared(&format!("[function.api]\n{lines}")), &schema()))
}

#[test]
fn what_fits_has_no_fault() {
    let lines = [
        "build = { package = \"a\" }\n",
        "build.package = \"a\"\nbuild.arch = \"arm64\"\nmemory = 128\ntimeout = \"10s\"\nenv = { A = \"1\" }\ngrants = [\"rw x\", { on = \"x\", verbs = [] }]\nurl = \"open\"\nrotate = { kind = \"random\", bytes = 3 }\nshare = 1\nreserved = true\n",
        "build = { package = \"a\" }\nshare = 0.5\nurl = { cdn = { name = \"x\" } }\nrotate = { kind = \"rs256-ring\", every = \"9d\" }\nsize = \"small\"\ncode = \"äöüß\"\nafter = { \"x.y\" = 3 }\n",
        "build = { package = \"${x.y.z}\", arch = \"${x.y.z}\" }\ntimeout = \"${x.y.z}\"\nsize = \"${x.y.z}\"\ncode = \"${x.y.z}\"\nurl = \"${x.y.z}\"\n",
    ];
    for lines in lines {
        assert_eq!(faults(lines), "", "{lines}");
    }
}

#[test]
fn unknown_keys_are_named_with_what_was_meant() {
    assert_snapshot!(faults("memry = 3\nbuild = { package = \"a\", archh = \"x\", zzz = 1 }\nprotekt = true\nzzz = 1\n\"\\u001b[31m\" = 1\n"), @r#"
        a.toml:4:1: unknown key `memry` in function.api (did you mean `memory`?)
        a.toml:5:26: unknown key `archh` in function.api.build (did you mean `arch`?)
        a.toml:5:39: unknown key `zzz` in function.api.build (its keys are `package`, `arch`)
        a.toml:6:1: unknown key `protekt` in function.api (did you mean `protect`?)
        a.toml:7:1: unknown key `zzz` in function.api (its keys are `build`, `memory`, `timeout`, `env`, `grants`, `url`, `rotate`, `share`, `reserved`, `after`, `size`, `code`, `was`, `protect`)
        a.toml:8:1: unknown key `\u{1b}[31m` in function.api (its keys are `build`, `memory`, `timeout`, `env`, `grants`, `url`, `rotate`, `share`, `reserved`, `after`, `size`, `code`, `was`, `protect`)
        "#);
}

#[test]
fn wrong_types_are_told_in_words() {
    assert_snapshot!(faults("build = \"a\"\nmemory = \"512\"\ntimeout = 10\nenv = { A = 1 }\ngrants = \"rw x\"\nurl = 3\nrotate = []\nshare = \"x\"\nreserved = \"true\"\nsize = {}\n"), @r#"
        a.toml:4:9: build is a table, not a string (write `{ package = … }`)
        a.toml:5:10: memory is an integer (128 to 10240), not a string (write it without quotes)
        a.toml:6:11: timeout is a string, not an integer (put it in quotes, with its unit or in its form: How long it may run)
        a.toml:7:13: env.A is a string, not an integer (put it in quotes)
        a.toml:8:10: grants is a list, not a string (put it in brackets)
        a.toml:9:7: url is a string or a table, not an integer (put it in quotes)
        a.toml:10:10: rotate is a table, not a list
        a.toml:11:9: share is a number, not a string
        a.toml:12:12: reserved is `true` or `false`, not a string (write it without quotes)
        a.toml:13:8: size is an integer (0 to 255) or a string, not a table
        "#);
    assert_snapshot!(faults("build = { package = \"a\" }\nmemory = \"${x.y.z}\"\nshare = false\nmemory2 = 0\n"), @r#"
        a.toml:5:10: memory is an integer (128 to 10240), not a string (a reference stands for text)
        a.toml:6:9: share is a number, not `false`
        a.toml:7:1: unknown key `memory2` in function.api (did you mean `memory`?)
        "#);
}

#[test]
fn missing_keys_say_what_they_are() {
    assert_snapshot!(faults(""), @"a.toml:3:1: missing key `build` in function.api (`build` is a table)");
    assert_snapshot!(faults("build = {}\ngrants = [{ on = \"x\" }]\nrotate = { kind = \"random\" }\n"), @r#"
        a.toml:4:9: missing key `package` in function.api.build (`package` is a string)
        a.toml:5:11: missing key `verbs` in function.api.grants[0] (`verbs` is a list)
        a.toml:6:10: missing key `bytes` in function.api.rotate (`bytes` is an integer (at least 0))
        "#);
}

#[test]
fn a_required_key_that_the_environment_lacks_names_the_value() {
    let text = format!(
        "{HEAD}[env.prod]\naccount = \"111122223333\"\npackage = \"a\"\nbuild = \"x\"\n[function.api]\nbuild = {{ package = \"${{env.package}}\" }}\n[function.other]\nbuild = \"${{env.build}}\"\n"
    );
    let resolved = resolve_in("local", &text).unwrap();
    let found: Vec<String> = resolved.declarations.iter().map(|each| shown(&check(each, &schema()))).collect();
    assert_snapshot!(found.join("\n"), @r#"
        a.toml:8:9: missing key `package` in function.api.build: the environment `local` has no `package` (set `package` below [env.local])
        a.toml:9:1: missing key `build` in function.other: the environment `local` has no `build` (set `build` below [env.local])
        "#);
}

#[test]
fn ranges_lengths_and_patterns_are_told() {
    assert_snapshot!(faults("build = { package = \"a\" }\nmemory = 64\ntimeout = \"ten\"\ngrants = [\"a\", \"b\", \"c\", \"d\"]\ncode = \"ä\"\nsize = 300\n"), @r#"
        a.toml:5:10: memory is an integer (128 to 10240), not 64
        a.toml:6:11: timeout cannot be `ten` (it looks like `10s`)
        a.toml:7:10: grants has at most 3 items, not 4
        a.toml:8:8: code has at least 2 characters, not 1
        a.toml:9:8: size is an integer (0 to 255), not 300
        "#);
    assert_snapshot!(faults("build = { package = \"a\" }\ncode = \"äöüßa\"\nafter = { nowhere = 3 }\n"), @r#"
        a.toml:5:8: code has at most 4 characters, not 5
        a.toml:6:11: unknown key `nowhere` in function.api.after (its keys match `^[A-Za-z][A-Za-z0-9_-]*\.[A-Za-z][A-Za-z0-9_-]*$`)
        "#);
}

#[test]
fn values_of_a_list_are_offered() {
    assert_snapshot!(faults("build = { package = \"a\", arch = \"arm65\" }\nsize = \"smal\"\nurl = \"opne\"\n"), @r#"
        a.toml:4:33: build.arch is one of `arm64`, `amd64`, not `arm65` (did you mean `arm64`?)
        a.toml:5:8: size is one of `small`, `large`, not `smal` (did you mean `small`?)
        a.toml:6:7: url is `open`, not `opne` (did you mean `open`?)
        "#);
}

#[test]
fn the_nearest_alternative_is_explained() {
    assert_snapshot!(faults("build = { package = \"a\" }\nrotate = { bytes = 3 }\n"), @"a.toml:5:10: missing key `kind` in function.api.rotate (`kind` is one of `random`, `rs256-ring`)");
    assert_snapshot!(faults("build = { package = \"a\" }\nrotate = { kind = \"randum\", bytes = 3 }\n"), @"a.toml:5:19: rotate.kind is one of `random`, `rs256-ring`, not `randum` (did you mean `random`?)");
    assert_snapshot!(faults("build = { package = \"a\" }\nrotate = { kind = \"random\", bytes = \"x\", every = \"1d\" }\n"), @r#"
        a.toml:5:37: rotate.bytes is an integer (at least 0), not a string
        a.toml:5:42: unknown key `every` in function.api.rotate (its keys are `kind`, `bytes`)
        "#);
    assert_snapshot!(faults("build = { package = \"a\" }\nrotate = { kind = 3 }\n"), @"a.toml:5:19: rotate.kind is one of `random`, `rs256-ring`, not an integer (it decides which keys there are, so it is written out)");
    assert_snapshot!(faults("build = { package = \"a\" }\nurl = { cdn = { nam = \"x\" } }\n"), @"a.toml:5:15: missing key `name` in function.api.url.cdn (`name` is a string)");
    assert_snapshot!(faults("build = { package = \"a\" }\nurl = {}\n"), @"a.toml:5:7: url is a table with one of the keys `cdn`, `iam`");
}

#[test]
fn other_keywords_are_understood() {
    let schema = json!({
        "type": "object",
        "allOf": [{ "properties": { "a": { "type": "integer" } } }],
        "properties": {
            "pair": { "type": "array", "prefixItems": [{ "type": "string" }, { "type": "integer" }], "minItems": 2, "maxItems": 2 },
            "set": { "type": "array", "items": { "type": "string" }, "uniqueItems": true },
            "half": { "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 },
            "maybe": { "type": ["integer", "null"], "minimum": 1 },
            "never": false,
            "two": { "const": 2 },
        },
        "patternProperties": { "^x-": { "type": "boolean" } },
        "unevaluatedProperties": false,
    });
    let lines = "[a.b]\na = \"x\"\npair = [1, 2, 3]\nset = [\"p\", \"q\", \"p\"]\nhalf = 1.0\nmaybe = 0\nnever = 1\ntwo = 3\nx-y = 1\nz = 1\n";
    assert_snapshot!(shown(&check(&declared(lines), &schema)), @r#"
        a.toml:4:5: a is an integer, not a string
        a.toml:5:8: pair has at most 2 items, not 3
        a.toml:5:9: pair[0] is a string, not an integer (put it in quotes)
        a.toml:6:18: "p" stands twice in set
        a.toml:7:8: half is a number (more than 0, less than 1), not 1.0
        a.toml:8:9: maybe is an integer (at least 1), not 0
        a.toml:9:9: never is not allowed here
        a.toml:10:7: two is `2`, not `3`
        a.toml:11:7: x-y is `true` or `false`, not an integer
        a.toml:12:1: unknown key `z` in a.b (its keys are `pair`, `set`, `half`, `maybe`, `never`, `two`, `a`, `was`, `protect`)
        "#);
}

#[test]
fn the_schema_for_editors_admits_the_head_and_every_kind() {
    let function = schema();
    let whole = stack_schema(&[("function", &function)]);
    let kind = &whole["$defs"]["function"];
    assert_eq!(whole["properties"]["function"]["additionalProperties"], json!({ "$ref": "#/$defs/function" }));
    assert!(
        kind["properties"].get("was").is_some()
            && kind["properties"].get("protect").is_some()
            && kind["properties"].get("name").is_none()
    );
    assert_eq!(kind["properties"]["build"]["$ref"], "#/$defs/function.Build");
    assert_eq!(kind["properties"]["memory"]["anyOf"][1], json!({ "$ref": "#/$defs/expression" }));
    let mut missing = Vec::new();
    visit_references(&whole, &mut |target| {
        missing.extend(whole.pointer(target.trim_start_matches('#')).is_none().then(|| target.to_owned()));
    });
    assert_eq!(missing, [""; 0]);
}

fn visit_references(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => {
            if let Some(target) = members.get("$ref").and_then(Value::as_str) {
                see(target);
            }
            members.values().for_each(|each| visit_references(each, see));
        }
        Value::Array(items) => items.iter().for_each(|each| visit_references(each, see)),
        _ => {}
    }
}
