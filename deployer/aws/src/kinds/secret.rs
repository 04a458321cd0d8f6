//! `secret`: a value that nobody writes down.

use deployer_engine::kind::{Expand, Expansion, Kind, output};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::naming::tags;
use crate::parameters::{arn, is_reserved};
use crate::policy::{Statement, sid};
use crate::resources::external_secret::ExternalSecret;
use crate::resources::ssm_secret::SsmSecret;

/// Random bytes of a value where nothing is said.
const DEFAULT_BYTES: u16 = 32;

/// A SecureString in the SSM Parameter Store, named `/<stack>/<environment>/secret/<name>`. Its value
/// stands in no file, plan, state or log: functions read it by its name, `${secret.x.ref}`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Where the value comes from.
    pub kind: SecretKind,
    /// How many random bytes a value is made of, 16 to 256, for `random` alone; functions read them as base64url.
    /// A change holds for the next value that is made. Default: 32.
    #[schemars(range(min = 16, max = 256))]
    pub bytes: Option<u16>,
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
}

impl Secret {
    /// What a function may do with it: `read`.
    ///
    /// No statement for `kms:Decrypt`: the parameter is encrypted with the key `aws/ssm`, whose policy
    /// (AWS writes it) lets every caller of the account decrypt through SSM. A key of one's own would need one.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let read =
            || Statement::new(&sid(verb, cx.address), &["ssm:GetParameter", "ssm:GetParameters"], [Self::arn(cx)]);
        (verb == "read").then(|| vec![read()])
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
        if self.kind == SecretKind::External && self.bytes.is_some() {
            out.fault(
                cx,
                &["bytes"],
                "bad-value",
                "a value that a person puts in place has its own length",
                "leave `bytes` out",
            );
        }
        if is_reserved(&name) {
            out.fault(
                cx,
                &[],
                "reserved-name",
                format!("AWS keeps parameters like `{name}`, that begin with `aws` or `ssm`, for itself"),
                "rename the stack, or pin a name in the environment",
            );
        }
        if self.kind == SecretKind::External && !cx.environment().local {
            out.resource(cx, Self::KIND, &ExternalSecret { name });
        } else {
            let tags = tags(cx.environment(), &cx.address.part(Self::KIND));
            out.resource(cx, Self::KIND, &SsmSecret { name, bytes: Some(self.bytes.unwrap_or(DEFAULT_BYTES)), tags });
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
        let text = "[secret.b]\nkind = \"random\"\nbytes = 8\n[secret.c]\nkind = \"rs256-ring\"\n[secret.d]\n";
        assert_snapshot!(faults(text, "prod"), @"
        3:9 out-of-range bytes is an integer (16 to 256), not 8 ()
        5:8 not-allowed kind is one of `random`, `external`, not `rs256-ring` ()
        6:1 missing-key missing key `kind` in secret.d (`kind` is one of `random`, `external`)
        ");
    }
}
