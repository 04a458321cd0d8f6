//! `key`: a KMS key of one's own.

use std::collections::BTreeMap;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::diagnostic::did_you_mean;
use deployer_engine::kind::{Expand, Expansion, Kind, output};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::duration::Period;
use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::kms_key::{self, KmsKey};

/// Longest name of an alias behind `alias/`. Source: CreateAlias.
const MAX_NAME: usize = 250;
/// For how many days a key can be had back where nothing is said: the most that AWS gives.
const DEFAULT_DELETION_DAYS: u64 = 30;
/// The fewest and most days. Source: ScheduleKeyDeletion.
const DELETION_DAYS: std::ops::RangeInclusive<u64> = 7..=30;

/// A key of one's own that encrypts (KMS): who may use it is told apart from who may read what it encrypted. Secrets name
/// it (`key = "key.private"`), functions use it by grants. AWS makes new material for it each year; what was encrypted
/// before can be read as before. It costs a dollar a month.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Whether AWS makes new material for it each year. Default: true.
    #[serde(default = "default_rotates")]
    pub rotates: bool,
    /// How long it can be had back once it was deleted, and what it encrypted with it: `7d` to `30d`. Whoever brings the
    /// stack up again by then gets the same key. Default: `30d`.
    pub delete_after: Option<Period>,
    /// What every use by a function must name (the encryption context): `{ purpose = "medical" }`. Default: nothing.
    #[serde(default)]
    pub context: BTreeMap<String, String>,
}

fn default_rotates() -> bool {
    true
}

fn alias(cx: &Expand<'_>) -> String {
    format!("alias/{}", main_name(cx, MAX_NAME))
}

/// What refers to a key that is none gets this fault.
pub(super) fn check_is_one(cx: &Expand<'_>, out: &mut Expansion, field: &str, address: &DeclarationAddress) {
    if cx.stack.get::<Key>(address).is_none() {
        let known: Vec<String> = cx.stack.all::<Key>().map(|(address, _)| address.to_string()).collect();
        let hint = did_you_mean(&address.to_string(), known.iter().map(String::as_str))
            .unwrap_or_else(|| "declare it: `[key.name]`".to_owned());
        out.fault(cx, &[field], "unknown-reference", format!("there is no key `{address}`"), hint);
    }
}

/// A statement of what is allowed with the key that `cx` looks from, which is known by its alias: AWS mints its ARN.
pub(super) fn statement(id: &str, actions: &[&str], cx: &Expand<'_>) -> Statement {
    let environment = cx.environment();
    let keys = format!("arn:aws:kms:{}:{}:key/*", environment.region, environment.account);
    Statement::new(id, actions, [keys]).when("ForAnyValue:StringEquals", json!({ "kms:ResourceAliases": alias(cx) }))
}

impl Key {
    /// What a function may do with it: `encrypt`, `decrypt`, and `use` for both.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let (encrypt, decrypt) = (["kms:Encrypt", "kms:GenerateDataKey"], ["kms:Decrypt"]);
        let actions = match verb {
            "decrypt" => decrypt.to_vec(),
            "encrypt" => encrypt.to_vec(),
            "use" => decrypt.into_iter().chain(encrypt).collect(),
            _ => return None,
        };
        let statement = statement(&sid(verb, cx.address), &actions, cx);
        let named: Map<String, Value> =
            self.context.iter().map(|(name, value)| (format!("kms:EncryptionContext:{name}"), json!(value))).collect();
        Some(vec![if named.is_empty() { statement } else { statement.when("StringEquals", Value::Object(named)) }])
    }

    /// The ARN of the alias of the key that `cx` looks from.
    pub(super) fn alias_arn(cx: &Expand<'_>) -> String {
        kms_key::alias_arn(&cx.environment().region, &cx.environment().account, &alias(cx))
    }

    fn deletion_days(&self, cx: &Expand<'_>, out: &mut Expansion) -> u32 {
        let days = self.delete_after.map_or(Some(DEFAULT_DELETION_DAYS), Period::whole_days);
        let days = days.filter(|days| DELETION_DAYS.contains(days));
        if days.is_none() {
            let message = "KMS keeps a deleted key 7 to 30 whole days";
            out.fault(cx, &["delete_after"], "bad-period", message, "write days: `30d`");
        }
        days.and_then(|days| u32::try_from(days).ok()).unwrap_or_default()
    }
}

impl Kind for Key {
    const KIND: &'static str = "key";
    const ALSO_CALLED: &'static [&'static str] = &["kms"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let arn = output(&cx.address.part(Self::KIND), "arn");
        vec![("alias", alias(cx)), ("alias_arn", Self::alias_arn(cx)), ("arn", arn)]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        // The account's own policies say who may use it, as those of its roles do.
        let policy = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": { "AWS": format!("arn:aws:iam::{}:root", cx.environment().account) },
            "Action": "kms:*",
            "Resource": "*",
        }] });
        let key = KmsKey {
            alias: alias(cx),
            description: format!("{} of stack {}", cx.address, cx.environment().stack),
            policy,
            rotates: self.rotates,
            enabled: true,
            deletion_days: self.deletion_days(cx, out),
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        };
        out.resource(cx, Self::KIND, &key);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    const STACK: &str = r#"
[key.private]
context = { purpose = "medical" }
[secret.medical]
kind = "random"
key  = "key.private"
[function.api]
build  = { package = "api" }
grants = ["read secret.medical", "decrypt key.private"]
"#;

    #[test]
    fn a_key_is_known_by_its_alias_and_used_for_what_is_named_alone() {
        let wanted = wanted(STACK, "prod", &["api"]).unwrap();
        assert_snapshot!(shown(&wanted, "key.private"), @r#"
        key (kms_key)
          alias: alias/crew-prod-private
          deletion_days: 30
          description: key.private of stack crew
          enabled: true
          policy: {"Version":"2012-10-17","Statement":[{"Sid":"Account","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"kms:*","Resource":"*"}]}
          rotates: true
        "#);
        assert_snapshot!(shown(&wanted, "secret.medical"), @"
        secret (ssm_secret) after key.private/key
          bytes: 32
          key: arn:aws:kms:us-west-2:111122223333:alias/crew-prod-private
          name: /crew/prod/secret/medical
        ");
        let role = shown(&wanted, "function.api");
        for needed in [
            r#"{"Sid":"DecryptSecretMedical","Effect":"Allow","Action":["kms:Decrypt"],"Resource":["arn:aws:kms:us-west-2:111122223333:key/*"],"Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/crew-prod-private"},"StringLike":{"kms:EncryptionContext:PARAMETER_ARN":"arn:aws:ssm:us-west-2:111122223333:parameter/crew/prod/secret/medical"}}}"#,
            r#""Condition":{"ForAnyValue:StringEquals":{"kms:ResourceAliases":"alias/crew-prod-private"},"StringEquals":{"kms:EncryptionContext:purpose":"medical"}}"#,
        ] {
            assert!(role.contains(needed), "{needed}: {role}");
        }
    }

    #[test]
    fn a_key_that_is_none_and_too_short_a_time_are_faults() {
        let text = "[key.a]\ndelete_after = \"3d\"\n[secret.b]\nkind = \"random\"\nkey = \"key.c\"\n[secret.d]\nkind = \"random\"\nkey = \"mine\"\n";
        assert_snapshot!(faults(text, "prod"), @"
        2:16 bad-period KMS keeps a deleted key 7 to 30 whole days (write days: `30d`)
        5:7 unknown-reference there is no key `key.c` (did you mean `key.a`?)
        8:7 bad-value that is no KMS key (write `key.name` of a declared one, or `arn:aws:kms:REGION:ACCOUNT:key/ID`)
        ");
    }
}
