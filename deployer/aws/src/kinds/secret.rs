//! `secret`: a value that nobody writes down.

use deployer_engine::kind::{Expand, Expansion, Kind, output};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::duration::Period;
use crate::naming::tags;
use crate::parameters::{arn, is_reserved};
use crate::policy::{Statement, sid};
use crate::resources::external_secret::ExternalSecret;
use crate::resources::rs256_ring::Rs256Ring;
use crate::resources::ssm_secret::SsmSecret;

/// Random bytes of a value where nothing is said.
const DEFAULT_BYTES: u16 = 32;
/// How long a token lives where nothing is said.
const DEFAULT_TOKEN_TTL: Period = Period::from_seconds(12 * 3_600);
/// How long others keep public keys where nothing is said.
const DEFAULT_JWKS_CACHE: Period = Period::from_seconds(15 * 60);
/// The longest life of a token: a key that leaked would be trusted as long.
const LONGEST_TOKEN_TTL: Period = Period::from_days(30);
/// The longest that others keep public keys: a new key could not sign before.
const LONGEST_JWKS_CACHE: Period = Period::from_days(1);

/// A value in the SSM Parameter Store, named `/<stack>/<environment>/secret/<name>`. It stands in no file,
/// plan, state or log: functions read it by its name, `${secret.x.ref}`. Of an `rs256-ring` that name is where
/// its document, `<ref>/ring`, and its private keys, `<ref>/keys/<kid>`, begin.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Where the value comes from.
    pub kind: SecretKind,
    /// How many random bytes a value is made of, 16 to 256, for `random` alone; functions read them as base64url.
    /// A change holds for the next value that is made. Default: 32.
    #[schemars(range(min = 16, max = 256))]
    pub bytes: Option<u16>,
    /// The terms of a ring, for `rs256-ring` alone: `{ token_ttl = "12h", jwks_cache = "15m" }`.
    pub rotate: Option<Rotate>,
}

/// The terms that hold while the keys of a ring change; functions read them in its document.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rotate {
    /// How long a token lives that is signed with the ring, at most `30d`. Default: `12h`.
    #[serde(default = "default_token_ttl")]
    pub token_ttl: Period,
    /// How long others may keep the public keys, at most `1d`. Default: `15m`.
    #[serde(default = "default_jwks_cache")]
    pub jwks_cache: Period,
}

impl Default for Rotate {
    fn default() -> Self {
        Self { token_ttl: DEFAULT_TOKEN_TTL, jwks_cache: DEFAULT_JWKS_CACHE }
    }
}

fn default_token_ttl() -> Period {
    DEFAULT_TOKEN_TTL
}

fn default_jwks_cache() -> Period {
    DEFAULT_JWKS_CACHE
}

/// Where the value of a secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretKind {
    /// The deployer makes it once, at random.
    Random,
    /// A person puts it in place before the first `up`, which says how; the deployer never touches it.
    /// On the local AWS a random one stands in for it.
    External,
    /// A ring of keys that sign tokens by RS256. The deployer makes the first one; public keys are in a document
    /// beside the private ones.
    #[serde(rename = "rs256-ring")]
    Rs256Ring,
}

impl Secret {
    /// What a function may do with it: `read`.
    ///
    /// No statement for `kms:Decrypt`: the parameter is encrypted with the key `aws/ssm`, whose policy
    /// (AWS writes it) lets every caller of the account decrypt through SSM. A key of one's own would need one.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let arn = Self::arn(cx);
        let arns = match self.kind {
            SecretKind::Rs256Ring => vec![format!("{arn}/ring"), format!("{arn}/keys/*")],
            SecretKind::Random | SecretKind::External => vec![arn],
        };
        let read = || Statement::new(&sid(verb, cx.address), &["ssm:GetParameter", "ssm:GetParameters"], arns);
        (verb == "read").then(|| vec![read()])
    }

    /// Faults that no schema finds.
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let of_others = match self.kind {
            SecretKind::Random => None,
            SecretKind::External => Some("a value that a person puts in place has its own length"),
            SecretKind::Rs256Ring => Some("a key of a ring has always 2,048 bits"),
        };
        if let Some(why) = of_others.filter(|_| self.bytes.is_some()) {
            out.fault(cx, &["bytes"], "bad-value", why, "leave `bytes` out");
        }
        let Some(rotate) = self.rotate else { return };
        if self.kind != SecretKind::Rs256Ring {
            let message = "only a ring of keys has terms of rotation";
            out.fault(cx, &["rotate"], "bad-value", message, "leave `rotate` out, or choose `kind = \"rs256-ring\"`");
        }
        for (key, period, longest) in
            [("token_ttl", rotate.token_ttl, LONGEST_TOKEN_TTL), ("jwks_cache", rotate.jwks_cache, LONGEST_JWKS_CACHE)]
        {
            if period > longest {
                let message = format!("{period} is longer than {longest}");
                out.fault(cx, &["rotate", key], "too-long", message, format!("at most `{longest}`"));
            }
        }
    }

    fn name(cx: &Expand<'_>) -> String {
        let environment = cx.environment();
        cx.name(Self::KIND, || format!("/{}/{}/secret/{}", environment.stack, environment.name, cx.address.name()))
    }

    fn arn(cx: &Expand<'_>) -> String {
        arn(&cx.environment().region, &cx.environment().account, &Self::name(cx))
    }
}

impl Kind for Secret {
    const KIND: &'static str = "secret";

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        let generation = output(&cx.address.part(Self::KIND), "generation");
        vec![("ref", Self::name(cx)), ("arn", Self::arn(cx)), ("generation", generation)]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let name = Self::name(cx);
        self.check(cx, out);
        if is_reserved(&name) {
            out.fault(
                cx,
                &[],
                "reserved-name",
                format!("AWS keeps parameters like `{name}`, that begin with `aws` or `ssm`, for itself"),
                "rename the stack, or pin a name in the environment",
            );
        }
        let tags = tags(cx.environment(), &cx.address.part(Self::KIND));
        match self.kind {
            SecretKind::External if !cx.environment().local => {
                out.resource(cx, Self::KIND, &ExternalSecret { name });
            }
            SecretKind::External | SecretKind::Random => {
                let bytes = Some(self.bytes.unwrap_or(DEFAULT_BYTES));
                out.resource(cx, Self::KIND, &SsmSecret { name, bytes, tags });
            }
            SecretKind::Rs256Ring => {
                let rotate = self.rotate.unwrap_or_default();
                let [token_ttl_seconds, jwks_cache_seconds] =
                    [rotate.token_ttl, rotate.jwks_cache].map(|each| u32::try_from(each.seconds()).unwrap_or(u32::MAX));
                out.resource(
                    cx,
                    Self::KIND,
                    &Rs256Ring { name, token_ttl_seconds, jwks_cache_seconds, signs: true, tags },
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

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
    fn what_makes_no_secret_is_a_fault() {
        assert_snapshot!(faults("[secret.a]\nkind = \"external\"\nbytes = 32\n", "prod"), @"3:9 bad-value a value that a person puts in place has its own length (leave `bytes` out)");
        let text = "[secret.b]\nkind = \"random\"\nbytes = 8\n[secret.c]\nkind = \"rs512\"\n[secret.d]\n";
        assert_snapshot!(faults(text, "prod"), @"
        3:9 out-of-range bytes is an integer (16 to 256), not 8 ()
        5:8 not-allowed kind is one of `random`, `external`, `rs256-ring`, not `rs512` ()
        6:1 missing-key missing key `kind` in secret.d (`kind` is one of `random`, `external`, `rs256-ring`)
        ");
        let text = "[secret.e]\nkind = \"rs256-ring\"\nbytes = 32\nrotate = { token_ttl = \"31d\", jwks_cache = \"2d\" }\n[secret.f]\nkind = \"random\"\nrotate = {}\n";
        assert_snapshot!(faults(text, "prod"), @r#"
        3:9 bad-value a key of a ring has always 2,048 bits (leave `bytes` out)
        4:24 too-long 31d is longer than 30d (at most `30d`)
        4:44 too-long 2d is longer than 1d (at most `1d`)
        7:10 bad-value only a ring of keys has terms of rotation (leave `rotate` out, or choose `kind = "rs256-ring"`)
        "#);
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
}
