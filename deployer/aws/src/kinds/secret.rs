//! `secret`: a value that nobody writes down.

mod declared;
mod rotate;

use deployer_engine::address::DeclarationAddress;
use deployer_engine::kind::{Expand, Expansion, Kind, output};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::key::{self, Key};
use crate::duration::Period;
use crate::naming::{Tags, tags};
use crate::parameters::{arn, is_reserved};
use crate::policy::{Statement, sid};
use crate::resources::external_secret::ExternalSecret;
use crate::resources::rs256_ring::Rs256Ring;
use crate::resources::ssm_secret::SsmSecret;
use crate::values::{Alphabet, DEFAULT_BYTES};

pub use declared::{DeclaredSecret, Made, declared};
pub use rotate::Rotate;

/// The longest that a value which was replaced is accepted: a leaked one would be as long.
const LONGEST_ACCEPTED: Period = Period::from_days(30);
/// How the ARN of a KMS key begins.
const KEY_ARN: &str = "arn:aws:kms:";

/// A value in the SSM Parameter Store, named `/<stack>/<environment>/secret/<name>`. It stands in no file,
/// plan, state or log: functions read it by its name, `${secret.x.ref}`. Of an `rs256-ring` that name is where
/// its document, `<ref>/ring`, and its private keys, `<ref>/keys/<kid>`, begin.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Where the value comes from.
    pub kind: SecretKind,
    /// How many random bytes a value is made of, 16 to 256, for `random` alone.
    /// A change holds for the next value that is made. Default: 32.
    #[schemars(range(min = 16, max = 256))]
    pub bytes: Option<u16>,
    /// How they are written, for `random` alone. A change holds for the next value. Default: `base64url`.
    pub alphabet: Option<Alphabet>,
    /// How long a value that a rotation replaced is still accepted, for `random` alone, at most `30d`; the minutes for
    /// which functions keep a value come on top. Default: no longer than those.
    pub accept_previous: Option<Period>,
    /// Whether its readers do without it until a person puts it in place, for `external` alone: no `up` asks for it, and
    /// nothing stands in for it on the local AWS. Default: `false`.
    pub optional: Option<bool>,
    /// The key that encrypts values: `"key.private"`, or the ARN of a KMS key; whoever reads one may use it for that
    /// alone. A change holds for the next value, and what is there stays as it is. Default: the account's own key for SSM.
    pub key: Option<String>,
    /// The terms of its rotation: `{ every = "90d" }`; of a ring also `{ token_ttl = "12h", jwks_cache = "15m" }`; of
    /// what a person puts in place also `{ how = "docs/rotate-slack.md" }`. Default: it is never due.
    pub rotate: Option<Rotate>,
}

/// Where the value of a secret comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SecretKind {
    /// The deployer makes it once, at random.
    Random,
    /// A person puts it in place before the first `up`, which says how; the deployer never touches it.
    /// On the local AWS a random one stands in for it, unless it is `optional`.
    External,
    /// A ring of keys that sign tokens by RS256. The deployer makes the first one; public keys are in a document
    /// beside the private ones.
    #[serde(rename = "rs256-ring")]
    Rs256Ring,
}

/// The declaration that a key is named by; `None`: it is named by its ARN.
fn declared_key(key: &str) -> Option<DeclarationAddress> {
    key.parse().ok().filter(|address: &DeclarationAddress| address.kind() == Key::KIND)
}

impl Secret {
    /// What a function may do with it: `read`.
    ///
    /// No statement for `kms:Decrypt` unless a key is chosen: the parameter is encrypted with the key `aws/ssm`, whose
    /// policy (AWS writes it) lets every caller of the account decrypt through SSM.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let arn = Self::arn(cx);
        let (arns, encrypted) = match self.kind {
            SecretKind::Rs256Ring => (vec![format!("{arn}/ring"), format!("{arn}/keys/*")], format!("{arn}/keys/*")),
            SecretKind::Random | SecretKind::External => (vec![arn.clone()], arn),
        };
        let read = || Statement::new(&sid(verb, cx.address), &["ssm:GetParameter", "ssm:GetParameters"], arns);
        let decrypt = |key: &String| {
            let context = json!({ "kms:EncryptionContext:PARAMETER_ARN": encrypted });
            let (id, actions) = (sid("decrypt", cx.address), ["kms:Decrypt"]);
            let allowed = match declared_key(key) {
                Some(address) => key::statement(&id, &actions, &cx.of(&address)),
                None => Statement::new(&id, &actions, [key.clone()]),
            };
            allowed.when("StringLike", context)
        };
        (verb == "read").then(|| std::iter::once(read()).chain(self.key.as_ref().map(decrypt)).collect())
    }

    /// Faults that no schema finds.
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let of_others = match self.kind {
            SecretKind::Random => None,
            SecretKind::External => Some("a value that a person puts in place is as that person makes it"),
            SecretKind::Rs256Ring => Some("a key of a ring has always 2,048 bits, and overlaps by the life of a token"),
        };
        let of_random = [
            ("bytes", self.bytes.is_some()),
            ("alphabet", self.alphabet.is_some()),
            ("accept_previous", self.accept_previous.is_some()),
        ];
        for (key, _) in of_random.iter().filter(|(_, is_set)| *is_set) {
            if let Some(why) = of_others {
                out.fault(cx, &[key], "bad-value", why, format!("leave `{key}` out"));
            }
        }
        if self.optional.is_some() && self.kind != SecretKind::External {
            out.fault(cx, &["optional"], "bad-value", "the deployer always makes this one", "leave `optional` out");
        }
        if let Some(long) = self.accept_previous.filter(|accepted| *accepted > LONGEST_ACCEPTED) {
            let message = format!("{long} is longer than {LONGEST_ACCEPTED}");
            out.fault(cx, &["accept_previous"], "too-long", message, format!("at most `{LONGEST_ACCEPTED}`"));
        }
        match self.key.as_ref().map(|key| (key, declared_key(key))) {
            Some((_, Some(address))) => key::check_is_one(cx, out, "key", &address),
            Some((key, None)) if !key.starts_with(KEY_ARN) || !key.contains(":key/") => {
                let hint = "write `key.name` of a declared one, or `arn:aws:kms:REGION:ACCOUNT:key/ID`";
                out.fault(cx, &["key"], "bad-value", "that is no KMS key", hint);
            }
            _ => {}
        }
        if let Some(rotate) = &self.rotate {
            rotate.check(self.kind, cx, out);
        }
    }

    /// Whether its readers do without it.
    fn is_optional(&self) -> bool {
        self.optional.unwrap_or_default()
    }

    /// The parameter of a random value.
    fn value(&self, name: String, key: Option<String>, tags: Tags) -> SsmSecret {
        let bytes = Some(self.bytes.unwrap_or(DEFAULT_BYTES));
        SsmSecret { name, bytes, alphabet: self.alphabet, key, tags }
    }

    /// The ring of keys.
    fn ring(&self, name: String, key: Option<String>, tags: Tags) -> Rs256Ring {
        let terms = self.rotate.clone().unwrap_or_default();
        let [token_ttl_seconds, jwks_cache_seconds] =
            [terms.token_ttl(), terms.jwks_cache()].map(|each| u32::try_from(each.seconds()).unwrap_or(u32::MAX));
        Rs256Ring { name, token_ttl_seconds, jwks_cache_seconds, signs: true, key, tags }
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
    const ALSO_CALLED: &'static [&'static str] = &["secretsmanager", "secrets"];

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
        let declared = self.key.as_deref().and_then(declared_key);
        let key = declared.as_ref().map(|address| Key::alias_arn(&cx.of(address))).or_else(|| self.key.clone());
        let secret = match self.kind {
            SecretKind::External if !cx.environment().local || self.is_optional() => {
                out.resource(cx, Self::KIND, &ExternalSecret { name, optional: self.optional })
            }
            SecretKind::External | SecretKind::Random => out.resource(cx, Self::KIND, &self.value(name, key, tags)),
            SecretKind::Rs256Ring => out.resource(cx, Self::KIND, &self.ring(name, key, tags)),
        };
        if let Some(address) = declared {
            secret.after(address.part(Key::KIND)).address();
        }
    }
}

#[cfg(test)]
mod tests;
