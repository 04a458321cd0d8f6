use deployer_engine::stack::{MAX_DEPTH, MAX_FILE_BYTES, MAX_LINE_BYTES, NodeValue};
use insta::assert_snapshot;

use super::{EXAMPLE, HEAD, declared, faults, read};

#[test]
fn the_complete_example_is_read_in_file_order() {
    let file = read(EXAMPLE).unwrap();
    assert_eq!((file.name.as_str(), file.region.as_str()), ("shipcaptaincrew", "us-west-2"));
    assert_eq!(file.tags["owner"], "platform");
    assert_eq!(
        file.environments.iter().map(|(key, _)| key.name.as_str()).collect::<Vec<_>>(),
        ["local", "staging", "prod"]
    );
    assert_eq!(file.outputs.len(), 2);
    let addresses: Vec<String> = file.declarations.iter().map(|each| each.address.to_string()).collect();
    assert_eq!(
        addresses,
        [
            "secret.jwt",
            "secret.origin",
            "secret.slack",
            "table.magic-links",
            "table.roles",
            "function.crew-api",
            "function.ptb-nudge",
            "schedule.ptb_nudge",
            "site.web",
            "waf.edge",
            "cdn.main",
            "mail.main"
        ]
    );
}

#[test]
fn headers_inline_tables_and_dotted_keys_are_equal() {
    let forms = [
        "[function.api]\nmemory = 1\nbuild = { package = \"a\" }\n",
        "[function]\napi = { memory = 1, build = { package = \"a\" } }\n",
        "function = { api = { memory = 1, build.package = \"a\" } }\n",
        "[function]\napi.memory = 1\napi.build.package = \"a\"\n",
        "function.api.memory = 1\nfunction.api.build.package = \"a\"\n",
        "[function.api]\nmemory = 1\n[function.api.build]\npackage = \"a\"\n",
    ];
    for form in forms {
        let declared = declared(form);
        assert_eq!(declared.address.to_string(), "function.api", "{form}");
        assert_eq!(declared.node.to_json(), serde_json::json!({"memory": 1, "build": {"package": "a"}}), "{form}");
    }
}

#[test]
fn a_place_is_that_of_the_value_the_header_or_the_key() {
    let function = declared("[function.api]\nmemory = 1\nurl = { auth = \"cdn\" }\nroute = [{ to = \"a\" }]\n");
    let at = |path: &[&str]| function.locate(path).to_string();
    assert_eq!(at(&[]), "a.toml:3:1");
    assert_eq!(at(&["memory"]), "a.toml:4:10");
    assert_eq!(at(&["url", "auth"]), "a.toml:5:16");
    assert_eq!(at(&["url", "nothing"]), "a.toml:5:7");
    assert_eq!(at(&["route", "0", "to"]), "a.toml:6:17");
    assert_eq!(at(&["nothing"]), "a.toml:3:1");
    assert_eq!(declared("[secret]\njwt = { kind = \"random\" }\n").location.to_string(), "a.toml:4:1");
}

#[test]
fn values_keep_their_types() {
    let node = declared("[a.b]\nyes = true\nhex = 0xff\nhalf = 0.5\ntext = '''\none\ntwo'''\nlist = [1, \"2\"]\n").node;
    assert_eq!(
        node.to_json(),
        serde_json::json!({"yes": true, "hex": 255, "half": 0.5, "text": "one\ntwo", "list": [1, "2"]})
    );
    assert!(matches!(node.get("half").unwrap().value, NodeValue::Float(_)));
    let mut seen = Vec::new();
    node.visit_strings(&mut |text, _| seen.push(text.to_owned()));
    assert_eq!(seen, ["one\ntwo", "2"]);
}

#[test]
fn several_faults_of_syntax_are_told_at_once() {
    assert_snapshot!(faults("stack = { name = \"shop\" region = \"us-west-2\" }\n[function.api\nmemory = \narch = arm64\ntext = \"a\\qb\"\nmemory = 1\nmemory = 2\n"), @r#"
        a.toml:1:25: missing comma between key-value pairs, expected `,`
        a.toml:2:14: unclosed table, expected `]`
        "#);
}

#[test]
fn a_file_without_a_header_says_how_to_begin() {
    assert_snapshot!(faults(""), @r#"a.toml:1:1: the file does not say which stack it is (begin with `stack = { name = "shop", region = "us-west-2" }`)"#);
    assert_snapshot!(faults("stack = \"shop\""), @r#"a.toml:1:9: `stack` is a table, not a string (write `stack = { name = "shop", region = "us-west-2" }`)"#);
    assert_snapshot!(faults("stack = {}"), @r#"
        a.toml:1:1: `stack` has no `name`
        a.toml:1:1: `stack` has no `region`
        "#);
}

#[test]
fn every_fault_of_the_header_is_told() {
    let text = "[stack]\nname = \"Shop_1\"\nregoin = \"us-west-2\"\nregion = \"mars-1\"\n[stack.tags]\n\"aws:x\" = \"1\"\n\"Deployer:env\" = \"x\"\nn = 3\nlong = \"${env.x}\"\n";
    assert_snapshot!(faults(text), @r#"
        a.toml:2:8: `Shop_1` cannot be a name (lower-case letters, digits and `-`, at most 32, beginning with a letter: names on AWS are made from it)
        a.toml:3:1: unknown key `regoin` in stack (did you mean `region`?)
        a.toml:4:10: `mars-1` is no region (a region looks like `us-west-2`)
        a.toml:6:1: the tag `aws:x` begins with `aws:`, which is reserved
        a.toml:7:1: the tag `Deployer:env` begins with `deployer:`, which is reserved
        a.toml:8:5: the tag `n` is a string, not an integer (put it in quotes)
        a.toml:9:8: the tag `long` has a value that AWS refuses (at most 256 letters, digits, spaces and `+-=._:/@`, and no expressions)
        "#);
    let tags: String = (0..41).map(|each| format!("t{each} = \"\"\n")).collect();
    assert_snapshot!(faults(&format!("stack.name = \"a\"\nstack.region = \"eu-west-1\"\n[stack.tags]\n{tags}")), @"a.toml:3:1: there are 41 tags, more than 40");
}

#[test]
fn regions_of_every_partition_are_read_and_others_refused() {
    for region in ["us-west-2", "eu-central-1", "us-gov-west-1", "ap-southeast-5", "us-iso-east-1"] {
        assert!(read(&format!("stack = {{ name = \"a\", region = \"{region}\" }}")).is_ok(), "{region}");
    }
    for region in [
        "",
        "us",
        "us-2",
        "us-west",
        "us-west-22",
        "US-west-2",
        "us--west-2",
        "us-west-x",
        "é-west-1",
        "us-west-2\u{0}",
    ] {
        let text = format!("stack = {{ name = \"a\", region = \"{}\" }}", region.replace('\0', "\\u0000"));
        assert!(faults(&text).contains("is no region"), "{region}");
    }
}

#[test]
fn only_declarations_stand_beside_the_sections() {
    let text = "stack = { name = \"shop\", region = \"us-west-2\" }\nmemory = 3\n[function]\ntimeout = 3\n\"crew api\" = {}\n[[queue.dead]]\n[\"my kind\".x]\n[output]\nurl = 3\n\"a b\" = \"x\"\n[env]\nprod = 1\nUpper = {}\n";
    assert_snapshot!(faults(text), @r#"
        a.toml:2:1: `memory` stands outside of every declaration (beside `stack` the file has tables only: `[kind.name]`, `[env.x]` and `[output]`)
        a.toml:4:1: function.timeout is a table, not an integer (a declaration is `[function.name]` with its keys below)
        a.toml:5:1: `crew api` is no address: letters, digits, `-` and `_`, at most 64, beginning with a letter
        a.toml:6:9: queue.dead is a table, not a list (a declaration is `[queue.name]` with its keys below)
        a.toml:7:12: `my kind` is no address: letters, digits, `-` and `_`, at most 64, beginning with a letter
        a.toml:9:7: output.url is a string, not an integer (put it in quotes)
        a.toml:10:1: `a b` is no address: letters, digits, `-` and `_`, at most 64, beginning with a letter
        a.toml:12:1: env.prod is a table, not an integer (values stand below an environment: `[env.staging]`)
        a.toml:13:1: `Upper` cannot be a name (lower-case letters, digits and `-`, at most 32, beginning with a letter: names on AWS are made from it)
        "#);
    assert_snapshot!(faults("stack = { name = \"a\", region = \"us-west-2\" }\nenv = 1\noutput = []\n"), @r#"
        a.toml:2:7: `env` is a table of environments, not an integer (write `[env.staging]`)
        a.toml:3:10: `output` is a table of named values, not a list (write `[output]` and `url = "${cdn.main.url}"` below it)
        "#);
}

#[test]
fn a_date_is_refused_and_so_is_what_is_no_number() {
    assert_snapshot!(faults(&format!("{HEAD}[a.b]\nday = 2026-01-31\nbig = 99999999999999999999\nnone = nan\nfar = [inf]\n")), @r#"
        a.toml:4:7: a stack file has no dates (put it in quotes to make it text)
        a.toml:5:7: the number is too large (numbers have 64 bits)
        a.toml:6:8: this is no finite number
        a.toml:7:8: this is no finite number
        "#);
}

#[test]
fn no_key_holds_an_expression() {
    assert_snapshot!(faults(&format!("{HEAD}[a.b]\n\"x${{env.y}}\" = 1\nlist = [{{ \"$sha256\" = 1 }}]\n")), @r#"
        a.toml:4:1: the key `x${env.y}` holds an expression (expressions stand in values only; no key begins with `$`)
        a.toml:5:11: the key `$sha256` holds an expression (expressions stand in values only; no key begins with `$`)
        "#);
}

#[test]
fn limits_are_told_and_not_passed() {
    let depth = |depth: usize| format!("{HEAD}[a.b]\nx = {}1{}\n", "[".repeat(depth), "]".repeat(depth));
    assert!(read(&depth(MAX_DEPTH - 2)).is_ok());
    assert_snapshot!(faults(&depth(MAX_DEPTH - 1)), @"a.toml:4:35: tables and lists are nested more than 32 deep (flatten it)");
    assert_snapshot!(faults(&depth(5_000)), @"a.toml:4:1: the line has 10005 bytes, more than 8192 (break it: tables and lists may go over several lines)");
    assert_snapshot!(faults(&format!("{HEAD}[a.b]\nx{} = 1\n", ".y".repeat(MAX_DEPTH))), @"a.toml:4:61: tables and lists are nested more than 32 deep (flatten it)");
    assert_snapshot!(faults(&format!("{HEAD}# {}\n", "x".repeat(MAX_LINE_BYTES))), @"a.toml:3:1: the line has 8194 bytes, more than 8192 (break it: tables and lists may go over several lines)");
    assert_snapshot!(faults(&"#\n".repeat(MAX_FILE_BYTES)), @"a.toml:1:1: the file has 2097152 bytes, more than 1048576 (split it into several stacks)");
    let many: String = (0..10_001).map(|each| format!("[a.x{each}]\n")).collect();
    assert_snapshot!(faults(&format!("{HEAD}{many}")), @"a.toml:10003:1: there are 10001 declarations, more than 10000 (split the file into several stacks)");
}
