//! Physical names that two declarations would share: one would change, or delete, what the other made.

use std::collections::{BTreeMap, BTreeSet};

use deployer_engine::address::{Address, DeclarationAddress};
use deployer_engine::diagnostic::Diagnostic;
use deployer_engine::kind::Desired;
use deployer_engine::resolve::Environment;
use deployer_engine::resource::{Facts, OnRemove, Place, Registry};
use deployer_engine::value::is_known;

use crate::Cloud;

/// One stack in one environment, and what it wants to exist.
pub type Scoped<'a> = (&'a Environment, &'a BTreeMap<Address, Desired>);

/// Types whose names share one space with another type's: an SSM parameter is a secret or it is none.
const SAME_SPACE: [(&str, &str); 1] = [("ssm_secret", "ssm_parameter")];
/// The type whose names are one space for all accounts and regions.
const OF_THE_WORLD: &str = "s3_bucket";
/// The type whose names are the same in large and small letters.
const WITHOUT_CASE: &str = "iam_role";

/// Where a name must be unique, which type it is of, and the name.
type Taken = (String, &'static str, String);

/// Faults for every two declarations, of one stack or of several, that would own an object of the same name.
/// What is only referred to (an identity that exists, a secret that a person puts in place) may be shared.
pub fn shared_names(registry: &Registry<Cloud>, scopes: &[Scoped<'_>]) -> Vec<Diagnostic> {
    let mut owners: BTreeMap<Taken, (&Environment, &Desired)> = BTreeMap::new();
    let mut told: BTreeSet<[(&str, &str, &DeclarationAddress); 2]> = BTreeSet::new();
    let mut faults = Vec::new();
    for (environment, desired) in scopes {
        for each in desired.values() {
            let Some(taken) = taken(registry.facts(each.type_name), environment, each) else { continue };
            let name = taken.2.clone();
            match owners.get(&taken) {
                None => {
                    owners.insert(taken, (*environment, each));
                }
                // A function and its log group share a name with another's two: that is one fault.
                Some(first) => {
                    if told.insert([who(first.0, first.1), who(environment, each)]) {
                        faults.push(fault(&name, *first, (*environment, each)));
                    }
                }
            }
        }
    }
    faults
}

fn who<'a>(environment: &'a Environment, desired: &'a Desired) -> (&'a str, &'a str, &'a DeclarationAddress) {
    (&environment.stack, &environment.name, desired.address.declaration())
}

fn taken(facts: &Facts, environment: &Environment, desired: &Desired) -> Option<Taken> {
    let is_named = facts.name_field.is_some() || facts.tagged;
    if !is_named || facts.on_remove == OnRemove::Forget {
        return None;
    }
    let name = ["name", "address", "alias", "domain"]
        .iter()
        .find_map(|field| desired.inputs.get(field))
        .filter(|name| is_known(name))?;
    let name = name.as_str()?;
    let Environment { account, region, local, .. } = environment;
    let whose = if *local { "this machine" } else { "AWS" };
    let place = match facts.place {
        _ if facts.type_name == OF_THE_WORLD => whose.to_owned(),
        Place::Stack => format!("{whose} {account} {region}"),
        Place::UsEast1 | Place::Global => format!("{whose} {account}"),
    };
    let space = SAME_SPACE.iter().find(|(one, _)| *one == facts.type_name).map_or(facts.type_name, |(_, other)| other);
    let name = if facts.type_name == WITHOUT_CASE { name.to_ascii_lowercase() } else { name.to_owned() };
    Some((place, space, name))
}

fn fault(name: &str, first: (&Environment, &Desired), second: (&Environment, &Desired)) -> Diagnostic {
    let of = |(environment, desired): (&Environment, &Desired)| {
        format!("{} of {} in {}", desired.address.declaration(), environment.stack, environment.name)
    };
    let what = second.1.type_name.replace('_', " ");
    let message = format!("{} and {} would own the same {what} `{}`", of(first), of(second), name.escape_debug());
    let declaration = second.1.address.declaration();
    let hint = match second.1.type_name {
        "acm_certificate" => "a domain leads to one front door: give each its own".to_owned(),
        "ses_domain" => "let one of them own it, and leave `domain` out of the others: they use it as it is".to_owned(),
        "ses_identity" => {
            "let one of them own it, and leave `existing` out of the others: they use it and leave it as it is"
                .to_owned()
        }
        _ => format!("pin another name in one environment: `override = {{ \"{declaration}.name\" = \"…\" }}`"),
    };
    Diagnostic::error("shared-name", message).at(second.1.location.clone()).hint(hint)
}

#[cfg(test)]
mod tests {
    use deployer_engine::kind::{Names, Wanted, expand};
    use deployer_engine::resolve::{Foreign, resolve};
    use deployer_engine::stack::parse;

    use super::*;
    use crate::{kinds, resources};
    use deployer_engine::diagnostic::Source;
    use deployer_engine::kind::{Artifacts, Stack};

    fn expanded(text: &str, environment: &str) -> (Environment, Wanted) {
        let file = parse(Source::new("stack.toml", text)).unwrap();
        let resolved = resolve(&file, environment, &|_, _| Foreign::NotYet).unwrap();
        let stack = Stack::read(resolved, &kinds::all()).unwrap();
        let wanted = expand(&stack, &Artifacts::new(), &Names::new()).unwrap();
        (stack.environment, wanted)
    }

    /// What two stacks, or one in two environments, would share.
    fn shared(scopes: &[(&str, &str)]) -> Vec<String> {
        let all: Vec<_> = scopes.iter().map(|(text, environment)| expanded(text, environment)).collect();
        let scopes: Vec<Scoped<'_>> = all.iter().map(|(environment, wanted)| (environment, &wanted.desired)).collect();
        shared_names(&resources::all(), &scopes).into_iter().map(|fault| fault.message).collect()
    }

    /// A stack with an environment of each name, in this account and region.
    fn stack(name: &str, environments: &[(&str, &str)], declarations: &str) -> String {
        let environments: String =
            environments.iter().map(|(name, settings)| format!("[env.{name}]\n{settings}\n")).collect();
        format!("stack = {{ name = \"{name}\", region = \"us-west-2\" }}\n{environments}{declarations}")
    }

    const ONE: &str = "account = \"111122223333\"";
    const TABLE: &str = "[table.orders]\nkey = { hash = \"id:S\" }\n";

    fn pinned(settings: &str) -> String {
        format!("{settings}\noverride = {{ \"table.orders.name\" = \"orders\" }}")
    }

    #[test]
    fn a_name_that_two_environments_of_an_account_pin_is_refused() {
        let text = stack("shop", &[("staging", &pinned(ONE)), ("prod", &pinned(ONE))], TABLE);
        let expected = "table.orders of shop in staging and table.orders of shop in prod would own the same dynamodb table `orders`";
        assert_eq!(shared(&[(&text, "staging"), (&text, "prod")]), [expected]);
    }

    #[test]
    fn in_another_account_or_region_or_on_this_machine_it_is_another_object() {
        let other = pinned("account = \"444455556666\"");
        let away = pinned(&format!("{ONE}\nregion = \"us-east-1\""));
        let local = pinned("endpoint = \"local\"");
        let text =
            stack("shop", &[("prod", &pinned(ONE)), ("other", &other), ("away", &away), ("local", &local)], TABLE);
        let scopes = ["prod", "other", "away", "local"].map(|environment| (text.as_str(), environment));
        assert_eq!(shared(&scopes), [""; 0]);
    }

    #[test]
    fn the_name_of_a_bucket_is_taken_in_every_account() {
        let pin = |account: &str| format!("account = \"{account}\"\noverride = {{ \"site.web.name\" = \"crew-web\" }}");
        let text = stack(
            "shop",
            &[("prod", &pin("111122223333")), ("other", &pin("444455556666"))],
            "[site.web]\ndir = \"dist\"\n",
        );
        let expected = "site.web of shop in prod and site.web of shop in other would own the same s3 bucket `crew-web`";
        assert_eq!(shared(&[(&text, "prod"), (&text, "other")]), [expected]);
    }

    #[test]
    fn two_stacks_whose_names_and_environments_read_the_same_are_refused() {
        let one = stack("shop", &[("eu-prod", ONE)], TABLE);
        let other = stack("shop-eu", &[("prod", ONE)], TABLE);
        assert_eq!(shared(&[(&one, "eu-prod"), (&other, "prod")]).len(), 1);
    }

    #[test]
    fn two_declarations_of_one_stack_are_told_from_each_other_by_more_than_case_and_dashes() {
        let sites = "[site.a_b]\ndir = \"one\"\n[site.a-b]\ndir = \"two\"\n";
        let roles = "[function.api]\nbuild = { package = \"api\" }\n[function.API]\nbuild = { package = \"api\" }\n";
        assert_eq!(
            shared(&[(&stack("shop", &[("prod", ONE)], sites), "prod")]),
            ["site.a-b of shop in prod and site.a_b of shop in prod would own the same s3 bucket `shop-prod-a-b`"]
        );
        assert_eq!(
            shared(&[(&stack("shop", &[("prod", ONE)], roles), "prod")]),
            [
                "function.API of shop in prod and function.api of shop in prod would own the same iam role `shop-prod-api-role`"
            ]
        );
    }

    #[test]
    fn a_function_of_the_name_of_another_is_one_fault_and_not_one_for_each_of_its_objects() {
        let pin = format!("{ONE}\noverride = {{ \"function.api.name\" = \"api\" }}");
        let text =
            stack("shop", &[("staging", &pin), ("prod", &pin)], "[function.api]\nbuild = { package = \"api\" }\n");
        assert_eq!(shared(&[(&text, "staging"), (&text, "prod")]).len(), 1);
    }

    #[test]
    fn what_has_no_name_to_pin_is_told_another_way_out() {
        let mail = "[mail.main]\nfrom = \"a@example.com\"\ndomain = \"example.com\"\n";
        let door = "[site.web]\ndir = \"web\"\n[cdn.main]\ndomain = \"crew.example.com\"\nroute = [{ path = \"/*\", to = \"site.web\" }]\n";
        for (declarations, way) in [(mail, "leave `domain` out of the others"), (door, "give each its own")] {
            let text = stack("shop", &[("staging", ONE), ("prod", ONE)], declarations);
            let all = ["staging", "prod"].map(|environment| expanded(&text, environment));
            let scopes: Vec<Scoped<'_>> = all.iter().map(|(one, wanted)| (one, &wanted.desired)).collect();
            let hints: Vec<_> = shared_names(&resources::all(), &scopes).into_iter().map(|fault| fault.hint).collect();
            assert!(matches!(&hints[..], [Some(hint)] if hint.contains(way)), "{hints:?}");
        }
    }

    #[test]
    fn an_identity_may_be_used_by_all_and_owned_by_one() {
        let of = |existing: &str| {
            stack(
                "shop",
                &[("staging", ONE), ("prod", ONE)],
                &format!("[mail.main]\nfrom = \"a@example.com\"\n{existing}"),
            )
        };
        let (used, owned) = (of(""), of("existing = false\n"));
        assert_eq!(shared(&[(&used, "staging"), (&used, "prod")]), [""; 0]);
        assert_eq!(shared(&[(&used, "staging"), (&owned, "prod")]), [""; 0]);
        assert_eq!(
            shared(&[(&owned, "staging"), (&owned, "prod")]),
            [
                "mail.main of shop in staging and mail.main of shop in prod would own the same ses identity `a@example.com`"
            ]
        );
    }
}
