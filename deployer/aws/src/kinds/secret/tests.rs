//! The secret kind: what it becomes, what is refused, and what commands learn of it.

use insta::assert_snapshot;

use super::{DeclaredSecret, Made, declared};
use crate::kinds::testing::{faults, shown, stack, wanted};

const SECRETS: &str = r#"
[secret.origin]
kind = "random"
[secret.long]
kind = "random"
bytes = 64
[secret.slack]
kind = "external"
[param.generation]
value = "${secret.slack.generation}"
"#;

#[test]
fn a_random_secret_is_made_and_an_external_one_is_looked_for() {
    let wanted = wanted(SECRETS, "prod", &[]).unwrap();
    assert_snapshot!(["secret.origin", "secret.long", "secret.slack"].map(|each| shown(&wanted, each)).concat(), @"
    secret (ssm_secret)
      bytes: 32
      name: /crew/prod/secret/origin
    secret (ssm_secret)
      bytes: 64
      name: /crew/prod/secret/long
    secret (external_secret)
      name: /crew/prod/secret/slack
    ");
    assert_snapshot!(shown(&wanted, "param.generation"), @"
    param (ssm_parameter)
      name: /crew/prod/generation
      type: String
      value: ${secret.slack/secret#generation}
    ");
}

#[test]
fn a_random_one_stands_in_for_an_external_one_on_the_local_aws() {
    assert_snapshot!(shown(&wanted(SECRETS, "local", &[]).unwrap(), "secret.slack"), @"
    secret (ssm_secret)
      bytes: 32
      name: /crew/local/secret/slack
    ");
}

#[test]
fn an_optional_one_is_looked_for_everywhere_and_nothing_stands_in_for_it() {
    let text = "[secret.chat]\nkind = \"external\"\noptional = true\n";
    for environment in ["prod", "local"] {
        let wanted = wanted(text, environment, &[]).unwrap();
        let expected = format!("secret (external_secret)\n  name: /crew/{environment}/secret/chat\n  optional: true\n");
        assert_eq!(shown(&wanted, "secret.chat"), expected);
        assert!(declared(&stack(text, environment).unwrap(), &wanted)[0].optional);
    }
    assert_snapshot!(faults("[secret.a]\nkind = \"random\"\noptional = true\n", "prod"), @"3:12 bad-value the deployer always makes this one (leave `optional` out)");
}

#[test]
fn what_makes_no_secret_is_a_fault() {
    assert_snapshot!(faults("[secret.a]\nkind = \"external\"\nbytes = 32\n", "prod"), @"3:9 bad-value a value that a person puts in place is as that person makes it (leave `bytes` out)");
    let text = "[secret.b]\nkind = \"random\"\nbytes = 8\n[secret.c]\nkind = \"rs512\"\n[secret.d]\n";
    assert_snapshot!(faults(text, "prod"), @"
    3:9 out-of-range bytes is an integer (16 to 256), not 8 ()
    5:8 not-allowed kind is one of `random`, `external`, `rs256-ring`, not `rs512` ()
    6:1 missing-key missing key `kind` in secret.d (`kind` is one of `random`, `external`, `rs256-ring`)
    ");
    let text = "[secret.e]\nkind = \"rs256-ring\"\nbytes = 32\nrotate = { token_ttl = \"31d\", jwks_cache = \"2d\" }\n[secret.f]\nkind = \"random\"\nrotate = { every = \"1h\", how = \"x\", token_ttl = \"1h\" }\n";
    assert_snapshot!(faults(text, "prod"), @r#"
    3:9 bad-value a key of a ring has always 2,048 bits, and overlaps by the life of a token (leave `bytes` out)
    4:24 too-long 31d is longer than 30d (at most `30d`)
    4:44 too-long 2d is longer than 1d (at most `1d`)
    7:49 bad-value only a ring of keys signs tokens (leave `token_ttl` out, or choose `kind = "rs256-ring"`)
    7:32 bad-value the deployer rotates it itself (leave `how` out, or choose `kind = "external"`)
    7:20 too-short a rotation would be due before the one before it has ended (at least `1d`)
    "#);
    let text = "[secret.g]\nkind = \"random\"\naccept_previous = \"31d\"\nkey = \"alias/crew\"\n";
    assert_snapshot!(faults(text, "prod"), @"
    3:19 too-long 31d is longer than 30d (at most `30d`)
    4:7 bad-value that is no KMS key (write `key.name` of a declared one, or `arn:aws:kms:REGION:ACCOUNT:key/ID`)
    ");
}

#[test]
fn a_chosen_key_encrypts_and_its_reader_may_decrypt_that_parameter_and_no_other() {
    let text = r#"
[secret.origin]
kind = "random"
alphabet = "hex"
key = "arn:aws:kms:us-west-2:111122223333:key/1"
[function.api]
build = { package = "api" }
grants = ["read secret.origin"]
"#;
    let wanted = wanted(text, "prod", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "secret.origin"), @"
    secret (ssm_secret)
      alphabet: hex
      bytes: 32
      key: arn:aws:kms:us-west-2:111122223333:key/1
      name: /crew/prod/secret/origin
    ");
    let role = shown(&wanted, "function.api");
    let condition = r#"{"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":"arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/origin"}}"#;
    assert!(role.contains("kms:Decrypt") && role.contains(condition), "{role}");
}

#[test]
fn commands_learn_names_terms_readers_and_what_carries_a_value() {
    let text = r#"
[secret.origin]
kind = "random"
accept_previous = "1h"
rotate = { every = "30d" }
[secret.slack]
kind = "external"
rotate = { every = "365d", how = "docs/rotate-slack.md" }
[secret.nobodys]
kind = "random"
[param.generation]
value = "${secret.origin.generation}"
[function.api]
build = { package = "api" }
grants = ["read secret.origin", "read secret.slack"]
"#;
    let (stack, wanted) = (stack(text, "local").unwrap(), wanted(text, "local", &["api"]).unwrap());
    let told = |secret: &DeclaredSecret| {
        let readers: Vec<_> = secret.readers.iter().map(ToString::to_string).collect();
        let by_hand = matches!(secret.made, Made::ByHand);
        format!(
            "{} {} every {:?} spread {} overlap {} by hand {by_hand} carried {} [{}] {:?}",
            secret.address,
            secret.name,
            secret.terms.every,
            secret.terms.spread,
            secret.terms.overlap,
            secret.carried,
            readers.join(" "),
            secret.how
        )
    };
    let all: Vec<_> = declared(&stack, &wanted).iter().map(told).collect();
    assert_snapshot!(all.join("\n"), @r#"
    secret.nobodys /crew/local/secret/nobodys every None spread 360 overlap 360 by hand false carried false [] None
    secret.origin /crew/local/secret/origin every Some(2592000) spread 360 overlap 3960 by hand false carried true [function.api param.generation] None
    secret.slack /crew/local/secret/slack every Some(31536000) spread 360 overlap 360 by hand true carried false [function.api] Some("docs/rotate-slack.md")
    "#);
}

/// What carries our tags may be deleted by a later run.
#[test]
fn a_persons_value_carries_no_tags_of_ours_but_where_a_random_one_stands_in() {
    let text = "[secret.slack]\nkind = \"external\"\n";
    let tags_in = |environment: &str| {
        let (stack, wanted) = (stack(text, environment).unwrap(), wanted(text, environment, &[]).unwrap());
        declared(&stack, &wanted).remove(0).tags.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(tags_in("prod"), [""; 0]);
    let ours = ["deployer:address", "deployer:bytes", "deployer:env", "deployer:stack"];
    assert!(ours.iter().all(|tag| tags_in("local").contains(&(*tag).to_owned())), "{:?}", tags_in("local"));
}

#[test]
fn a_ring_is_one_resource_with_its_terms_and_its_reader_gets_document_and_keys() {
    let text = r#"
[secret.jwt]
kind = "rs256-ring"
rotate = { token_ttl = "1h" }
[function.api]
build = { package = "api" }
env = { JWT = "${secret.jwt.ref}" }
grants = ["read secret.jwt"]
"#;
    let wanted = wanted(text, "prod", &["api"]).unwrap();
    assert_snapshot!(shown(&wanted, "secret.jwt"), @"
    secret (rs256_ring)
      jwks_cache_seconds: 900
      name: /crew/prod/secret/jwt
      signs: true
      token_ttl_seconds: 3600
    ");
    let role = shown(&wanted, "function.api");
    for arn in ["parameter/crew/prod/secret/jwt/ring\"", "parameter/crew/prod/secret/jwt/keys/*\""] {
        assert!(role.contains(arn), "{role}");
    }
}
