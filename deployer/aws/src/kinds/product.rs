//! What must hold of the stacks that are shipped, in every environment: AWS would not say a word.

use std::path::Path;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::Source;
use deployer_engine::kind::{Artifacts, Desired, Names, Stack, Wanted, expand};
use deployer_engine::resolve::{Foreign, resolve};
use deployer_engine::stack::parse;
use serde_json::Value;

use super::cdn::{Cdn, target};

/// A file of the project.
fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)).unwrap()
}

/// Every stack of the project in each of its environments.
fn all() -> Vec<(String, Stack, Wanted)> {
    let mut all = Vec::new();
    for name in ["shipcaptaincrew", "exec-reports"] {
        let path = format!("stacks/{name}.toml");
        let parsed = parse(Source::new(&path, &file(&path))).unwrap();
        for (key, _) in &parsed.environments {
            let told = |_: &str, _: &str| Foreign::Known("https://crew.example.com".to_owned());
            let stack = Stack::read(resolve(&parsed, &key.name, &told).unwrap(), &super::all()).unwrap();
            let wanted = expand(&stack, &Artifacts::new(), &Names::new()).unwrap();
            all.push((format!("{name} in {}", key.name), stack, wanted));
        }
    }
    assert_eq!(all.len(), 6);
    all
}

fn of_type<'a>(wanted: &'a Wanted, type_name: &'a str) -> impl Iterator<Item = &'a Desired> {
    wanted.desired.values().filter(move |each| each.type_name == type_name)
}

#[test]
fn every_path_of_the_api_reaches_the_function_with_its_methods_and_no_page() {
    let api: Value = serde_json::from_str(&file("functions/crew-api/openapi.json")).unwrap();
    let function = DeclarationAddress::new("function", "crew-api").unwrap();
    for (place, stack, wanted) in all().iter().filter(|(place, ..)| place.starts_with("shipcaptaincrew")) {
        let (_, cdn) = stack.all::<Cdn>().next().unwrap();
        let behaviors = &of_type(wanted, "distribution").next().unwrap().inputs["behaviors"];
        let paths = api["paths"].as_object().unwrap();
        assert!(paths.contains_key("/healthz"));
        for (path, methods) in paths {
            let asked: String = path
                .split('/')
                .map(|part| if part.starts_with('{') { "x" } else { part })
                .collect::<Vec<_>>()
                .join("/");
            let route = target(&cdn.route, &asked).unwrap();
            assert_eq!(route.to, function, "{path} of {place}");
            let behavior =
                behaviors.as_array().unwrap().iter().find(|each| each["path"] == route.path.as_str()).unwrap();
            let let_through = behavior["methods"].as_array().unwrap();
            for method in methods.as_object().unwrap().keys() {
                assert!(let_through.contains(&method.to_ascii_uppercase().into()), "{method} {path} of {place}");
            }
        }
        // Where anybody may look for the keys that sign, and for whom to tell of a hole.
        assert_eq!(target(&cdn.route, "/.well-known/jwks.json").unwrap().to, function, "{place}");
    }
}

#[test]
fn what_goes_to_a_function_has_its_callers_address_and_is_neither_compressed_nor_kept_unless_asked() {
    for (place, _, wanted) in all() {
        for cdn in of_type(&wanted, "distribution") {
            let behaviors = cdn.inputs["behaviors"].as_array().unwrap().iter().chain([&cdn.inputs["default_behavior"]]);
            for behavior in behaviors.filter(|each| each["to"].as_str().unwrap().starts_with("function.")) {
                assert_eq!(behavior["viewer_function"], "${cdn.main/viewer.address#arn}", "{place}");
                assert_eq!(behavior["compress"], false, "{place}");
            }
            let errors = cdn.inputs["errors"].as_array().unwrap();
            let is_plain = |each: &Value| each["seconds"] == 0 && each.get("page").is_none();
            assert!(errors.len() == 10 && errors.iter().all(is_plain), "{place}");
        }
    }
}

#[test]
fn whoever_calls_a_function_calls_its_alias() {
    let mut callers = 0;
    for (place, _, wanted) in all() {
        for each in wanted.desired.values() {
            if let Some(qualifier) = each.inputs.get("qualifier") {
                assert_eq!(qualifier, "live", "{} of {place}", each.address);
                callers += 1;
            }
        }
        for targets in of_type(&wanted, "event_targets") {
            for target in targets.inputs["targets"].as_array().unwrap() {
                assert!(target["arn"].as_str().unwrap().ends_with(":live"), "{place}");
                assert!(target["dead_letter_arn"].is_string(), "{place}");
            }
        }
    }
    assert!(callers > 12, "{callers}");
}

#[test]
fn nobody_but_the_front_door_is_let_in_on_aws() {
    for (place, stack, wanted) in all().iter().filter(|(_, stack, _)| !stack.environment.local) {
        for url in of_type(wanted, "function_url") {
            assert_eq!((&url.inputs["auth"], &url.inputs["cors"]), (&"AWS_IAM".into(), &false.into()), "{place}");
        }
        for permission in of_type(wanted, "lambda_permission") {
            assert_ne!(permission.inputs["principal"], "*", "{place}");
            assert!(permission.inputs["source_arn"].is_string(), "{} of {place}", permission.address);
        }
        assert_eq!(stack.environment.account.len(), 12);
    }
}

#[test]
fn a_bucket_is_asked_in_its_own_region_and_told_that_what_is_missing_is_missing() {
    for (place, _, wanted) in all() {
        for cdn in of_type(&wanted, "distribution") {
            let buckets = cdn.inputs["origins"].as_array().unwrap().iter().filter(|each| each["protocol"] == "s3");
            for bucket in buckets {
                assert!(bucket["domain"].as_str().unwrap().ends_with(".s3.us-west-2.amazonaws.com"), "{place}");
            }
        }
        let policies = of_type(&wanted, "s3_bucket_policy");
        for policy in policies.filter(|each| each.address.declaration().kind() == "site") {
            assert!(policy.inputs["policy"].to_string().contains("s3:ListBucket"), "{place}");
        }
    }
}

#[test]
fn what_a_protected_environment_keeps_can_be_restored_and_is_not_deleted() {
    for (place, _, wanted) in all().iter().filter(|(_, stack, _)| stack.environment.protect) {
        for table in of_type(wanted, "dynamodb_table") {
            let [recovery, protection] = ["recovery", "protection"].map(|field| &table.inputs[field]);
            assert_eq!((recovery, protection), (&true.into(), &true.into()), "{} of {place}", table.address);
        }
        assert_eq!(wanted.warnings.len(), 0, "{place}");
    }
}
