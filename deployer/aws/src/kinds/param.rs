//! `param`: plain configuration that functions read at run time.

use deployer_engine::kind::{Expand, Expansion, Kind};
use deployer_engine::value::{Piece, pieces};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::naming::tags;
use crate::parameters::{MAX_VALUE_BYTES, arn, is_reserved};
use crate::policy::{Statement, sid};
use crate::resources::ssm_parameter::SsmParameter;

/// A value in the SSM Parameter Store that is no secret, named `/<stack>/<environment>/<name>`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// The value, 1 to 4,096 bytes: `"https://${cdn.main.domain}"`; or a list of texts without commas: `["a", "b"]`.
    pub value: ParamValue,
    /// What it is for, at most 1,024 characters. Default: none.
    #[schemars(length(max = 1024))]
    pub description: Option<String>,
}

/// A text or a list of texts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParamValue {
    /// Becomes a `String`.
    Text(String),
    /// Becomes a `StringList`.
    List(Vec<String>),
}

impl ParamValue {
    fn type_and_text(&self) -> (&'static str, String) {
        match self {
            Self::Text(text) => ("String", text.clone()),
            Self::List(items) => ("StringList", items.join(",")),
        }
    }

    /// What AWS would refuse in it, with what to do.
    fn fault(&self) -> Option<(String, &'static str)> {
        if let Self::List(items) = self
            && let Some(item) = items.iter().find(|each| each.contains(','))
        {
            return Some((
                format!("`{}` holds a comma, which parts the members of a list", item.escape_debug()),
                "write it as members of their own",
            ));
        }
        let (_, text) = self.type_and_text();
        let found = pieces(&text);
        let plain = |piece: &Piece<'_>| if let Piece::Text(text) = piece { text.clone() } else { String::new() };
        let is_known = found.iter().all(|piece| matches!(piece, Piece::Text(_)));
        let bytes: usize = found.iter().map(|piece| plain(piece).len()).sum();
        if found.iter().any(|piece| plain(piece).contains("{{")) {
            return Some((
                "a parameter cannot hold `{{`: AWS reads it as another parameter".to_owned(),
                "write the value in another way",
            ));
        }
        if bytes > MAX_VALUE_BYTES {
            return Some((
                format!("the value has {bytes} bytes, and a standard parameter at most {MAX_VALUE_BYTES}"),
                "split it, or ship it with the function",
            ));
        }
        (is_known && bytes == 0).then(|| {
            ("a parameter cannot be empty".to_owned(), "leave the declaration out, or choose a word for nothing")
        })
    }
}

impl Param {
    /// What a function may do with it: `read`.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        let read =
            || Statement::new(&sid(verb, cx.address), &["ssm:GetParameter", "ssm:GetParameters"], [Self::arn(cx)]);
        (verb == "read").then(|| vec![read()])
    }

    fn name(cx: &Expand<'_>) -> String {
        let environment = cx.environment();
        cx.name(Self::KIND, || format!("/{}/{}/{}", environment.stack, environment.name, cx.address.name()))
    }

    fn arn(cx: &Expand<'_>) -> String {
        arn(&cx.environment().region, &cx.environment().account, &Self::name(cx))
    }
}

impl Kind for Param {
    const KIND: &'static str = "param";
    const ALSO_CALLED: &'static [&'static str] = &["ssm", "parameter"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", Self::name(cx)), ("arn", Self::arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let name = Self::name(cx);
        if let Some((message, hint)) = self.value.fault() {
            out.fault(cx, &["value"], "bad-value", message, hint);
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
        let (parameter_type, value) = self.value.type_and_text();
        let tags = tags(cx.environment(), &cx.address.part(Self::KIND));
        out.resource(
            cx,
            Self::KIND,
            &SsmParameter {
                name,
                parameter_type: parameter_type.to_owned(),
                value,
                description: self.description.clone(),
                tags,
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    const PARAMS: &str = r#"
[param.lake]
value = "Mead"
description = "where"
[param.vessels]
value = ["Kestrel", "Petrel"]
[param.table]
value = "${table.roles.name}"
[table.roles]
key = { hash = "id:S" }
"#;

    #[test]
    fn a_text_is_a_string_and_a_list_a_string_list() {
        let wanted = wanted(PARAMS, "prod", &[]).unwrap();
        assert_snapshot!(shown(&wanted, "param.lake"), @"
        param (ssm_parameter)
          description: where
          name: /crew/prod/lake
          type: String
          value: Mead
        ");
        assert_snapshot!(shown(&wanted, "param.vessels"), @"
        param (ssm_parameter)
          name: /crew/prod/vessels
          type: StringList
          value: Kestrel,Petrel
        ");
    }

    #[test]
    fn a_value_may_refer_to_another_declaration() {
        assert_snapshot!(shown(&wanted(PARAMS, "local", &[]).unwrap(), "param.table"), @"
        param (ssm_parameter)
          name: /crew/local/table
          type: String
          value: crew-local-roles
        ");
    }

    #[test]
    fn what_ssm_would_refuse_is_a_fault() {
        let long = "x".repeat(4097);
        let text = format!(
            "[param.a]\nvalue = \"\"\n[param.b]\nvalue = [\"a,b\"]\n[param.c]\nvalue = \"{{{{ssm:x}}}}\"\n[param.d]\nvalue = \"{long}\"\n"
        );
        assert_snapshot!(faults(&text, "prod"), @"
        2:9 bad-value a parameter cannot be empty (leave the declaration out, or choose a word for nothing)
        4:9 bad-value `a,b` holds a comma, which parts the members of a list (write it as members of their own)
        6:9 bad-value a parameter cannot hold `{{`: AWS reads it as another parameter (write the value in another way)
        8:9 bad-value the value has 4097 bytes, and a standard parameter at most 4096 (split it, or ship it with the function)
        ");
        assert_snapshot!(faults("[param.e]\nvalue = 7\n", "prod"), @"2:9 wrong-type value is a string or a list, not an integer (put it in quotes)");
    }
}
