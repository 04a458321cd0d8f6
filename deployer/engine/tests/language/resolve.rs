use deployer_engine::resolve::{Foreign, StateBucket, environment_name, resolve, stack_dependencies};
use deployer_engine::value::{finish, is_known};
use insta::assert_snapshot;
use serde_json::json;

use super::{EXAMPLE, HEAD, declared, faults_in, read, resolve_in, shown};

fn zone(stack: &str, output: &str) -> Foreign {
    assert_eq!((stack, output), ("dns", "zone_id"));
    Foreign::Known("Z1".to_owned())
}

const TWO: &str = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.staging]\naccount = \"444455556666\"\n[env.prod]\naccount = \"111122223333\"\nsender = \"a@b.c\"\nsize = 512\nlist = [\"x\", \"y\"]\nquiet = true\n";

fn faults_of(lines: &str) -> String {
    faults_in("staging", &format!("{TWO}{lines}"))
}

#[test]
fn the_complete_example_is_resolved_in_each_environment() {
    let file = read(EXAMPLE).unwrap();
    for (name, memory, keep) in
        [("local", json!(null), "30d"), ("staging", json!(null), "30d"), ("prod", json!(512), "90d")]
    {
        let resolved = resolve(&file, name, &zone).unwrap();
        assert_eq!(resolved.environment.name, name);
        assert_eq!(resolved.warnings, []);
        let function = resolved.declarations.iter().find(|each| each.address.name() == "crew-api").unwrap();
        let json = function.node.to_json();
        assert_eq!(json["memory"], memory);
        assert_eq!(json["logs"]["keep"], keep);
        assert_eq!(json["env"]["LINKS_TABLE"], "${table.magic-links.name}");
        assert_eq!(json["env"]["STAGE"], format!("shipcaptaincrew-{name}"));
        assert_eq!(resolved.outputs[1].1, "Z1");
    }
    let prod = resolve(&file, "prod", &zone).unwrap();
    assert!(prod.environment.protect && !prod.environment.local);
    assert_eq!(prod.environment.tags["owner"], "platform");
    let by_name = |name: &str| prod.declarations.iter().find(|each| each.address.name() == name).unwrap();
    assert_eq!(by_name("magic-links").pinned_name.as_deref(), Some("scc-magic-links"));
    assert_eq!(by_name("ptb-nudge").was.as_deref(), Some("nudge"));
    assert_eq!(by_name("main").protect, Some(true));
    assert!(by_name("ptb-nudge").node.get("was").is_none() && by_name("main").node.get("protect").is_none());
    assert!(by_name("magic-links").node.get("name").is_none());
    let kept = by_name("crew-api").locate(&["logs", "keep"]);
    assert_eq!(kept.line, EXAMPLE.lines().position(|each| each.starts_with("override")).unwrap() + 1);
    let local = resolve(&file, "local", &zone).unwrap().environment;
    assert_eq!((local.account.as_str(), local.local), ("000000000000", true));
    assert_eq!(stack_dependencies(&file).into_iter().collect::<Vec<_>>(), ["dns"]);
}

#[test]
fn there_is_no_default_environment_unless_only_one_is_declared() {
    let file = read(TWO).unwrap();
    assert_eq!(environment_name(&file, Some("prod")).unwrap(), "prod");
    assert_eq!(environment_name(&read(HEAD).unwrap(), None).unwrap(), "local");
    assert_snapshot!(environment_name(&file, None).unwrap_err(), @"a.toml:2:6: which environment is meant? (choose with `-e`: there are `staging`, `prod`)");
    assert_snapshot!(environment_name(&file, Some("stagin")).unwrap_err(), @"a.toml:2:6: there is no environment `stagin` (did you mean `staging`?)");
    assert_snapshot!(environment_name(&file, Some("x")).unwrap_err(), @"a.toml:2:6: there is no environment `x` (there are `staging`, `prod`)");
    assert_snapshot!(environment_name(&read("stack = { name = \"shop\", region = \"us-west-2\" }").unwrap(), None).unwrap_err(), @r#"a.toml:1:1: the stack `shop` declares no environment (begin with `[env.local]` and `endpoint = "local"` below it)"#);
    assert_eq!(resolve_in("stagin", TWO).unwrap_err().len(), 1);
}

#[test]
fn settings_of_an_environment_are_checked() {
    let text = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\nendpoint = \"http://evil\"\naccount = \"123\"\nregion = \"mars\"\nprotect = \"yes\"\noverride = 3\nstate = { bucket = \"x.Y\", prefix = \"../up\", region = 1, buckt = \"\" }\nratio = 0.5\nnested = [[1]]\nurl = \"${account}\"\n";
    assert_snapshot!(faults_in("a", text), @r#"
        a.toml:3:12: `endpoint` takes the one word `local`: the emulator of this machine (any other endpoint comes from a variable, so that no file can send credentials elsewhere)
        a.toml:4:11: `account` is the 12 digits of an AWS account, in quotes
        a.toml:5:10: `mars` is no region (a region looks like `us-west-2`)
        a.toml:6:11: `protect` is `true` or `false`, not a string
        a.toml:7:12: `override` is a table, not an integer (write `override = { "kind.name.key" = value }`, the address in quotes)
        a.toml:8:20: `x.Y` cannot name a bucket (3 to 63 lower-case letters, digits and `-`, beginning and ending with a letter or a digit)
        a.toml:8:36: `../up` cannot begin a key (letters, digits and `-_.` in parts between `/`, at most 512, such as `crew/`)
        a.toml:8:54: `state.region` is a string, not an integer (put it in quotes)
        a.toml:8:57: unknown key `buckt` in state (did you mean `bucket`?)
        a.toml:9:9: `ratio` is a string, an integer, `true`, `false` or a list of them, not a number with a fraction (the settings of an environment are `endpoint`, `account`, `region`, `protect`, `override`, `state`; every other key is a value for `${env.x}`)
        a.toml:10:10: `nested` is a string, an integer, `true`, `false` or a list of them, not a list of lists or tables (the settings of an environment are `endpoint`, `account`, `region`, `protect`, `override`, `state`; every other key is a value for `${env.x}`)
        a.toml:11:7: `url` holds an expression (values of an environment are plain; `$${` is a literal `${`)
        "#);
    assert_snapshot!(faults_in("a", "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\nacount = \"111122223333\"\n"), @"a.toml:2:6: the environment `a` has no `account` (did you mean `account` where it says `acount`?)");
    assert_snapshot!(faults_in("a", "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\n"), @r#"a.toml:2:6: the environment `a` has no `account` (name the AWS account that it lives in, 12 digits in quotes, or `endpoint = "local"`)"#);
    assert_snapshot!(faults_in("a", "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\naccount = 111122223333\n"), @"a.toml:3:11: `account` is the 12 digits of an AWS account, in quotes");
}

#[test]
fn a_state_is_kept_in_the_bucket_that_the_environment_names() {
    let state = |setting: &str| {
        let text = format!(
            "stack = {{ name = \"shop\", region = \"us-west-2\" }}\n[env.a]\naccount = \"111122223333\"\n{setting}\n"
        );
        resolve_in("a", &text).map(|resolved| resolved.environment.state).map_err(|faults| shown(&faults))
    };
    let bucket = |prefix: &str, region: Option<&str>| {
        let (bucket, region) = ("deployer-state".to_owned(), region.map(str::to_owned));
        Ok(Some(StateBucket { bucket, prefix: prefix.to_owned(), region }))
    };
    assert_eq!(state(""), Ok(None));
    assert_eq!(state("state = { bucket = \"deployer-state\" }"), bucket("", None));
    assert_eq!(state("state = { bucket = \"deployer-state\", prefix = \"a/b\" }"), bucket("a/b/", None));
    let whole = "state = { bucket = \"deployer-state\", prefix = \"a/\", region = \"eu-west-1\" }";
    assert_eq!(state(whole), bucket("a/", Some("eu-west-1")));
    assert_snapshot!(state("state = {}").unwrap_err(), @"a.toml:4:9: `state` has no `bucket` (write `state = { bucket = \"deployer-state-111122223333\" }`)");
    assert_snapshot!(state("state = \"deployer-state\"").unwrap_err(), @"a.toml:4:9: `state` is a table, not a string (write `state = { bucket = \"deployer-state-111122223333\" }`)");
}

#[test]
fn a_value_that_nobody_uses_is_a_warning() {
    let text = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\nendpoint = \"local\"\nacount = \"111122223333\"\nspare = 1\nused = 2\n[x.y]\nn = \"${env.used}\"\n";
    assert_snapshot!(shown(&resolve_in("a", text).unwrap().warnings), @r#"
        a.toml:4:1: nothing uses the value `acount` (did you mean `account`?)
        a.toml:5:1: nothing uses the value `spare` (remove it, or use it as `${env.spare}`)
        "#);
}

#[test]
fn an_expression_alone_takes_the_type_of_its_value() {
    let text = format!(
        "{TWO}[x.y]\nsize = \"${{env.size}}\"\nlist = \"${{env.list}}\"\nquiet = \"${{env.quiet}}\"\nmixed = \"${{env.size}}/${{env.quiet}}/${{env.sender}}\"\nname_of = \"${{env.name}}\"\n"
    );
    let resolved = resolve_in("prod", &text).unwrap();
    let expected =
        json!({"size": 512, "list": ["x", "y"], "quiet": true, "mixed": "512/true/a@b.c", "name_of": "prod"});
    assert_eq!(resolved.declarations[0].node.to_json(), expected);
}

#[test]
fn a_value_called_name_comes_before_the_name_of_the_environment() {
    let text = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\nendpoint = \"local\"\nname = \"crew\"\n[x.y]\nn = \"${env.name}\"\n";
    assert_eq!(resolve_in("a", text).unwrap().declarations[0].node.to_json(), json!({"n": "crew"}));
}

#[test]
fn what_the_environment_lacks_makes_a_key_or_an_item_absent() {
    let text = format!(
        "{TWO}[x.y]\nfrom = \"${{env.sender}}\"\nlist = [\"a\", \"${{env.sender}}\"]\nin = {{ deep = \"${{env.size}}\", kept = 1 }}\n[output]\nfrom = \"${{env.sender}}\"\n"
    );
    let resolved = resolve_in("staging", &text).unwrap();
    assert_eq!(resolved.declarations[0].node.to_json(), json!({"list": ["a"], "in": {"kept": 1}}));
    assert_eq!(resolved.declarations[0].absent.len(), 2);
    assert!(resolved.outputs.is_empty());
}

#[test]
fn faulty_expressions_are_pointed_at_inside_their_strings() {
    assert_snapshot!(faults_of("[x.y]\na = \"to ${env.sendr} and ${environment}\"\nb = 'é ${env.sender}'\nc = \"${env.account}${env.protect}\"\nd = \"\"\"\n  ${nothing}\"\"\"\ne = \"tab\\t${nothing}\"\nf = \"${open\"\ng = \"${a.b/c#d}\"\nh = \"${upper(env.x)}\"\ni = \"${env}\"\nj = \"${}\"\n"), @r#"
        a.toml:11:9: no environment has a value `sendr` (did you mean `sender`?)
        a.toml:11:26: `${environment}` is no expression (did you mean `env.name`?)
        a.toml:12:8: the environment `staging` has no `sender` (set it below [env.staging]: only a key whose whole value is `${env.sender}` may be absent)
        a.toml:13:6: `account` is a setting of the environment, not a value (write `${account}`)
        a.toml:13:20: `protect` is a setting of the environment, not a value
        a.toml:15:3: `${nothing}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        a.toml:16:5: `${nothing}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        a.toml:17:6: `${` is never closed (`$${` is a literal `${`)
        a.toml:18:6: `${a.b/c#d}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        a.toml:19:6: `${upper(env.x)}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        a.toml:20:6: `${env}` is no expression (did you mean `env.name`?)
        a.toml:21:6: `${}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        "#);
    assert_snapshot!(faults_in("prod", &format!("{TWO}[x.y]\na = \"all of ${{env.list}}\"\n")), @"a.toml:11:13: a list stands inside a longer text (make the expression the whole value)");
    assert_snapshot!(faults_of("[x.y]\na = \"${stack.shop.url}\"\nb = \"${stack.dns.zone}\"\nc = \"${stack.dns}\"\n[output]\nu = \"${regoin}\"\n"), @r#"
        a.toml:11:6: `${stack.shop.url}` is an output of this very stack (refer to the declaration instead: `${kind.name.attribute}`)
        a.toml:12:6: `${stack.dns.zone}` is not there: it was never brought up (bring that stack up first: `deployer up -s dns -e staging`, or all of them with `--all`)
        a.toml:13:6: `${stack.dns}` is no expression (expressions are `${kind.name.attribute}`, `${env.x}`, `${account}`, `${region}`, `${stack}` and `${stack.NAME.OUTPUT}`; `$${` is a literal `${`)
        a.toml:15:6: `${regoin}` is no expression (did you mean `region`?)
        "#);
}

#[test]
fn literal_text_stays_literal() {
    let text = "stack = { name = \"shop\", region = \"us-west-2\" }\n[env.a]\nendpoint = \"local\"\nraw = \"$${b}\"\ndollar = \"$\"\n[x.y]\na = \"$${env.raw} ${env.raw} $$ {x}\"\nb = \"${env.raw}\"\nc = \"${env.dollar}{account}\"\nd = \"${env.dollar}${env.dollar}{x}\"\n";
    let value = resolve_in("a", text).unwrap().declarations[0].node.to_json();
    assert!(is_known(&value));
    assert_eq!(finish(&value), json!({"a": "${env.raw} ${b} $$ {x}", "b": "${b}", "c": "${account}", "d": "$${x}"}));
    let text = text.replace("a = \"$$", "e = \"${env.dollar}${x.y.z}\"\na = \"$$");
    assert_snapshot!(faults_in("a", &text), @"a.toml:7:19: a value that ends in `$` stands right before `${x.y.z}` (put something between them)");
}

#[test]
fn an_output_of_another_stack_is_text_a_placeholder_or_missing() {
    let file = read(&format!("{HEAD}[x.y]\na = \"${{stack.dns.zone}}\"\nb = \"/${{stack.dns.zone}}/\"\n[output]\nz = \"${{stack.dns.zone}}\"\n")).unwrap();
    let known = resolve(&file, "local", &|_, _| Foreign::Known("a${b}".to_owned())).unwrap();
    let value = known.declarations[0].node.to_json();
    assert!(is_known(&value));
    assert_eq!(finish(&value), json!({"a": "a${b}", "b": "/a${b}/"}));
    let later = resolve(&file, "local", &|_, _| Foreign::NotYet).unwrap();
    assert_eq!(
        later.declarations[0].node.to_json(),
        json!({"a": "${stack.dns/output#zone}", "b": "/${stack.dns/output#zone}/"})
    );
    assert!(!is_known(&later.declarations[0].node.to_json()));
    assert_eq!(later.outputs[0].1, "${stack.dns/output#zone}");
}

#[test]
fn stacks_that_any_environment_refers_to_come_first() {
    let text = format!(
        "{HEAD}env.local.override = {{ \"x.y.b\" = \"${{stack.mail.id}}\" }}\n[x.y]\na = [\"$${{stack.no.x}}\", \"${{stack.dns.zone}}\", \"${{stack.shop.x}}\"]\n[output]\nz = \"${{stack.net.vpc}}\"\n"
    );
    assert_eq!(stack_dependencies(&read(&text).unwrap()).into_iter().collect::<Vec<_>>(), ["dns", "mail", "net"]);
}

#[test]
fn an_override_sets_one_field_and_points_at_itself() {
    let text = format!(
        "{HEAD}[env.local.override]\n\"x.y.a.b\" = 2\n\"x.y.new.deep\" = \"${{region}}\"\n\"x.y.list.1.n\" = 9\n\"x.y.name\" = \"by-hand\"\n\"x.y.protect\" = false\n[x.y]\na = {{ b = 1, c = 1 }}\nlist = [{{ n = 1 }}, {{ n = 2 }}]\n"
    );
    let resolved = resolve_in("local", &text).unwrap();
    let declared = &resolved.declarations[0];
    assert_eq!(
        declared.node.to_json(),
        json!({"a": {"b": 2, "c": 1}, "list": [{"n": 1}, {"n": 9}], "new": {"deep": "us-west-2"}})
    );
    assert_eq!((declared.pinned_name.as_deref(), declared.protect), (Some("by-hand"), Some(false)));
    assert_eq!(declared.locate(&["a", "b"]).to_string(), "a.toml:4:13");
}

#[test]
fn an_override_that_leads_nowhere_is_refused() {
    let text = format!(
        "{HEAD}[env.local.override]\n\"x.z.a\" = 2\n\"x.y\" = 2\n\"x.y..a\" = 2\n\"x.y.a.b\" = 1\n\"x.y.list.7\" = 1\nfunction.api.memory = 3\n\"x.y.name\" = \"${{x.y.name}}\"\n\"x.y.deep{}\" = 1\n[x.y]\na = 1\nlist = []\n",
        ".k".repeat(40)
    );
    assert_snapshot!(faults_in("local", &text), @r#"
        a.toml:4:1: the file declares no x.z (did you mean `x.y`?)
        a.toml:5:1: `x.y` is no address of a field (write `override = { "kind.name.key" = value }`, the address in quotes)
        a.toml:6:1: `x.y..a` is no address of a field (write `override = { "kind.name.key" = value }`, the address in quotes)
        a.toml:7:1: `x.y.a.b` leads nowhere: there is no place for `b` (set the field above it as a whole)
        a.toml:8:1: `x.y.list.7` leads nowhere: there is no place for `7` (set the field above it as a whole)
        a.toml:9:1: `function` is no address of a field (write `override = { "kind.name.key" = value }`, the address in quotes)
        a.toml:10:14: the physical name of x.y is text that is known before anything is made
        a.toml:11:1: `x.y.deep.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k.k…` is no address of a field (write `override = { "kind.name.key" = value }`, the address in quotes)
        "#);
}

#[test]
fn common_keys_are_checked() {
    assert_snapshot!(faults_of("[x.y]\nname = \"by-hand\"\nwas = 3\nprotect = \"yes\"\n[x.z]\nwas = \"x.old\"\n"), @r#"
        a.toml:11:1: x.y names its object for every environment at once (a physical name belongs inside an environment: `override = { "x.y.name" = "…" }`)
        a.toml:12:7: `was` is the former name of x.y, without its kind (write `was = "old-name"`)
        a.toml:13:11: `protect` is `true` or `false`, not a string
        a.toml:15:7: `was` is the former name of x.z, without its kind (write `was = "old-name"`)
        "#);
    assert_eq!(declared("[x.y]\nwas = \"old\"\nprotect = true\na = 1\n").node.to_json(), json!({"a": 1}));
}

#[test]
fn two_declarations_cannot_have_been_the_same() {
    assert_snapshot!(faults_of("[x.a]\nwas = \"old\"\n[x.b]\nwas = \"old\"\n[x.c]\nwas = \"a\"\n[x.d]\nwas = \"d\"\n[z.e]\nwas = \"old\"\n"), @r#"
        a.toml:13:7: both x.a and x.b say that they were x.old (only one of them can take its objects over)
        a.toml:15:7: x.c cannot have been x.a: that is declared still (remove `was`, or the other declaration)
        a.toml:17:7: x.d cannot have been x.d: that is declared still (remove `was`, or the other declaration)
        "#);
}
