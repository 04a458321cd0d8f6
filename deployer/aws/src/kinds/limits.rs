//! The longest names and the most tags that a stack file can ask for, held against what AWS takes.

use std::fmt::Write as _;

use deployer_engine::diagnostic::Source;
use deployer_engine::kind::{Artifacts, Names, Stack, expand};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::stack::parse;

use super::cdn::CLIENT_ADDRESS_HEADER;
use crate::resources;
use crate::resources::distribution::{GENERATION_HEADER, SECRET_HEADER};

/// The longest name of each type. Source: the operations that create them.
const LONGEST: [(&str, usize); 16] = [
    ("cache_policy", 128),
    ("cloudfront_function", 64),
    ("distribution", 128),
    ("dynamodb_table", 255),
    ("event_rule", 64),
    ("iam_role", 64),
    ("lambda_function", 64),
    ("log_group", 512),
    ("origin_access_control", 64),
    ("response_headers_policy", 128),
    ("s3_bucket", 63),
    ("ses_configuration_set", 64),
    ("sqs_queue", 80),
    // Below the name are `/keys/` and 16 characters.
    ("rs256_ring", 989),
    ("ssm_parameter", 1_011),
    ("ssm_secret", 1_011),
];
/// Longest name of a web ACL. Source: CreateWebACL.
const LONGEST_WEB_ACL: usize = 128;
/// Longest id of a statement. Source: AddPermission.
const LONGEST_STATEMENT_ID: usize = 100;
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
        ("mail", "from = \"a@example.com\""),
        ("bucket", ""),
        ("site", "dir = \"dist\""),
        ("waf", ""),
        ("function", "build = { package = \"api\" }\nurl = { auth = \"cdn\" }"),
        ("schedule", &format!("rate = \"1 hour\"\ntarget = \"function.{name}\"")),
    ] {
        writeln!(text, "[{kind}.{name}]\n{body}").unwrap();
    }
    writeln!(text, "[secret.a{}]\nkind = \"rs256-ring\"", &name[1..]).unwrap();
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
    let mut seen = std::collections::BTreeSet::new();
    for each in wanted.desired.values() {
        if let Some(tags) = each.inputs.get("tags") {
            // A function carries two more, of what it was built from and which role it has.
            assert!(tags.as_object().unwrap().len() + 2 <= MOST_TAGS, "{}", each.address);
        }
        if let Some(id) = each.inputs.get("statement_id") {
            assert!(id.as_str().unwrap().len() <= LONGEST_STATEMENT_ID, "{id}");
        }
        let longest = LONGEST.iter().find(|(each_type, _)| *each_type == each.type_name).map(|(_, longest)| *longest);
        let longest = longest.or((each.type_name == "web_acl").then_some(LONGEST_WEB_ACL));
        if let (Some(longest), Some(name)) = (longest, each.inputs["name"].as_str()) {
            assert!(name.len() <= longest, "{} {name}", each.address);
            seen.insert(each.type_name);
        }
    }
    assert_eq!(seen.len(), LONGEST.len() + 1, "each type is made at least once: {seen:?}");
    let named = resources::all();
    let named: Vec<_> = named.all().filter(|facts| facts.name_field.is_some()).map(|facts| facts.type_name).collect();
    assert!(named.iter().all(|each| seen.contains(each)), "a new type has a longest name too: {named:?}");
}

#[test]
fn no_header_that_cloudfront_adds_has_a_name_that_it_keeps_for_itself() {
    for header in [SECRET_HEADER, GENERATION_HEADER, CLIENT_ADDRESS_HEADER] {
        assert!(["x-amz-", "x-edge-"].iter().all(|kept| !header.to_ascii_lowercase().starts_with(kept)), "{header}");
    }
}
