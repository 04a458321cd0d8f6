//! The environment of a function.

use std::collections::BTreeMap;

use deployer_engine::kind::{Expand, Expansion};
use deployer_engine::value::{Piece, pieces};

use super::Function;
use super::url::{Auth, ORIGIN_VARIABLES};

/// Most bytes of all names and values together. Source: Lambda quotas.
const MAX_BYTES: usize = 4_096;
/// Names that Lambda sets itself beside those that begin with `AWS_`.
const RESERVED: [&str; 3] = ["_HANDLER", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"];

/// What is wrong with the name of a variable. Source: UpdateFunctionConfiguration, `Variables`.
fn fault_of(name: &str) -> Option<(&'static str, String, &'static str)> {
    let shown = name.escape_debug();
    if name.starts_with("AWS_") || RESERVED.contains(&name) {
        return Some(("reserved-name", format!("Lambda sets `{shown}` itself"), "choose another name"));
    }
    let plain = name.len() >= 2
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|each| each.is_ascii_alphanumeric() || each == b'_');
    (!plain).then(|| {
        (
            "bad-name",
            format!("`{shown}` cannot name a variable"),
            "two or more letters, digits and `_`, beginning with a letter",
        )
    })
}

/// The bytes of a value that are known now: a reference has as many as it will have.
fn known_bytes(value: &str) -> usize {
    let bytes = |piece: &Piece<'_>| if let Piece::Text(text) = piece { text.len() } else { 0 };
    pieces(value).iter().map(bytes).sum()
}

impl Function {
    /// Its variables and those that its URL gives it.
    pub(super) fn environment(&self, cx: &Expand<'_>, out: &mut Expansion) -> BTreeMap<String, String> {
        let is_told = self.url.as_ref().is_some_and(|url| url.auth != Auth::None);
        for name in self.env.keys() {
            if let Some((code, message, hint)) = fault_of(name) {
                out.fault(cx, &["env", name], code, message, hint);
            } else if is_told && ORIGIN_VARIABLES.contains(&name.as_str()) {
                out.fault(
                    cx,
                    &["env", name],
                    "reserved-name",
                    format!("the function's `url` sets `{name}`"),
                    "leave it out",
                );
            }
        }
        let given = self.url.iter().flat_map(|url| url.variables(cx));
        let all: BTreeMap<String, String> = self.env.clone().into_iter().chain(given).collect();
        let bytes: usize = all.iter().map(|(name, value)| name.len() + known_bytes(value)).sum();
        if bytes > MAX_BYTES {
            let message = format!("the environment has {bytes} bytes, and Lambda takes {MAX_BYTES}");
            out.fault(cx, &["env"], "too-large", message, "put long values into a `param` and grant `read` on it");
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_named_as_lambda_takes_it() {
        for name in ["ROLES_TABLE", "a1", "Ab_", "AWSOME"] {
            assert_eq!(fault_of(name), None, "{name}");
        }
        for (name, code) in
            [("AWS_REGION", "reserved-name"), ("_HANDLER", "reserved-name"), ("LAMBDA_TASK_ROOT", "reserved-name")]
        {
            assert_eq!(fault_of(name).map(|fault| fault.0), Some(code), "{name}");
        }
        for name in ["", "A", "1A", "_A", "A-B", "A B", "Ä1", "A\n"] {
            assert_eq!(fault_of(name).map(|fault| fault.0), Some("bad-name"), "{name:?}");
        }
    }

    #[test]
    fn only_what_is_known_is_counted() {
        assert_eq!(known_bytes("https://${cdn.main.domain}/x"), 10);
        assert_eq!(known_bytes("$${x}"), 4);
    }
}
