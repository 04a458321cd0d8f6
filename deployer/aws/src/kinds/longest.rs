//! The longest names and the most tags that a stack file can ask for, held against what AWS takes.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use deployer_engine::diagnostic::Source;
use deployer_engine::kind::{Artifacts, Names, Stack, expand};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::stack::parse;

use super::cdn::CLIENT_ADDRESS_HEADER;
use crate::limits::{limit, refused};
use crate::resources;
use crate::resources::distribution::{GENERATION_HEADER, SECRET_HEADER};

/// Characters of `/keys/` and a key's id, which follow the name of a ring.
const KEY_BELOW_RING: usize = 22;
/// Most tags of an object. Source: AWS tag restrictions.
const MOST_TAGS: usize = 50;

/// Every kind under the longest names, with as many tags as a stack may have.
fn longest() -> String {
    let [stack, environment, name] = [32, 32, 64].map(|chars| "x".repeat(chars));
    let tags = (0..40).map(|at| format!("tag{at} = \"v\"")).collect::<Vec<_>>().join(", ");
    let mut text = format!(
        "stack = {{ name = \"{stack}\", region = \"us-west-2\", tags = {{ {tags} }} }}\n[env.{environment}]\naccount = \"111122223333\"\n"
    );
    for (kind, body) in [
        ("table", "key = { hash = \"id:S\" }"),
        ("param", "value = \"v\""),
        ("secret", "kind = \"random\""),
        ("mail", &format!("from = \"a@example.com\"\nevents = \"topic.{name}\"")),
        ("bucket", ""),
        ("site", "dir = \"dist\""),
        ("waf", ""),
        ("function", "build = { package = \"api\" }\nurl = { auth = \"cdn\" }"),
        ("queue", &format!("calls = \"function.{name}\"")),
        ("key", ""),
        ("alarm", &format!("of = \"queue.{name}\"\nwhen = \"messages > 0\"\ntell = \"topic.{name}\"")),
        ("topic", &format!("functions = [\"function.{name}\"]\naddresses = [\"a@example.com\"]")),
        ("schedule", &format!("rate = \"1 hour\"\ntarget = \"function.{name}\"")),
    ] {
        writeln!(text, "[{kind}.{name}]\n{body}").unwrap();
    }
    writeln!(text, "[secret.a{}]\nkind = \"rs256-ring\"", &name[1..]).unwrap();
    writeln!(text, "[alarm.a{}]\nof = \"waf.{name}\"\nwhen = \"blocked > 0\"\ntell = \"topic.{name}\"", &name[1..])
        .unwrap();
    let routes = format!(
        "[{{ path = \"/api/*\", to = \"function.{name}\", cache = \"15m\" }}, {{ path = \"/*\", to = \"site.{name}\", spa = \"index.html\" }}]"
    );
    // The second door has permissions of its own, whose ids hold its name.
    for door in [format!("a{}", &name[1..]), name.clone()] {
        writeln!(text, "[cdn.{door}]\nwaf = \"waf.{name}\"\nroute = {routes}").unwrap();
    }
    text
}

#[test]
fn the_longest_names_and_the_most_tags_are_what_aws_takes() {
    let text = longest();
    let file = parse(Source::new("stack.toml", &text)).unwrap();
    let resolved = resolve(&file, &"x".repeat(32), &|_, _| Foreign::NotYet).unwrap();
    let stack = Stack::read(resolved, &super::all()).unwrap();
    let wanted = expand(&stack, &Artifacts::new(), &Names::new()).unwrap();
    let registry = resources::all();
    assert_eq!(refused(&registry, &wanted.desired), [], "no name is too long");
    for each in wanted.desired.values() {
        if let Some(tags) = each.inputs.get("tags") {
            // A function carries two more, of what it was built from and which role it has.
            assert!(tags.as_object().unwrap().len() + 2 <= MOST_TAGS, "{}", each.address);
        }
    }
    let ring = wanted.desired.values().find(|each| each.type_name == "rs256_ring").unwrap();
    let longest_name = limit("ssm:PutParameter.Name").unwrap().max.unwrap();
    assert!(ring.inputs["name"].as_str().unwrap().len() + KEY_BELOW_RING <= usize::try_from(longest_name).unwrap());
    let made: BTreeSet<_> = wanted.desired.values().map(|each| each.type_name).collect();
    for facts in registry.all().filter(|facts| facts.name_field.is_some()) {
        assert!(made.contains(facts.type_name), "{} is made at least once", facts.type_name);
        let limited = facts.limits.iter().any(|(field, _)| Some(*field) == facts.name_field);
        assert!(limited, "{} has a longest name", facts.type_name);
    }
}

#[test]
fn no_header_that_cloudfront_adds_has_a_name_that_it_keeps_for_itself() {
    for header in [SECRET_HEADER, GENERATION_HEADER, CLIENT_ADDRESS_HEADER] {
        assert!(["x-amz-", "x-edge-"].iter().all(|kept| !header.to_ascii_lowercase().starts_with(kept)), "{header}");
    }
}
