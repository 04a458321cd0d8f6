//! Tables: keys that a schema knows, keys that it requires, and all others.

use serde_json::Value;

use super::check::{COMMON_KEYS, Checker, Found};
use super::choice::all_keys;
use super::words::{expected, list, quoted};
use crate::diagnostic::{Diagnostic, MAX_FAULTS, did_you_mean, shown};
use crate::stack::{Key, Node};

impl<'a> Checker<'a> {
    /// Adds every fault of the table at the path.
    pub(super) fn table(&self, schema: &'a Value, entries: &[(Key, Node)], node: &Node, path: &str, found: &mut Found) {
        for (key, value) in entries {
            let inner = if path.is_empty() { key.name.clone() } else { format!("{path}.{}", key.name) };
            match self.schemas_of(schema, &key.name) {
                Some(schemas) => schemas.into_iter().for_each(|each| self.node(each, value, &inner, found)),
                None if found.len() <= MAX_FAULTS => {
                    found.push((key.span, self.unknown_key(schema, key, path)));
                }
                None => {}
            }
        }
        for key in list(schema, "required").iter().filter_map(Value::as_str).filter(|key| node.get(key).is_none()) {
            found.push((node.span, self.missing_key(schema, key, node, path)));
        }
    }

    /// The schemas of a key, or `None` when the table may not have it.
    fn schemas_of(&self, schema: &'a Value, key: &str) -> Option<Vec<&'a Value>> {
        let mut schemas: Vec<&'a Value> = schema.get("properties").and_then(|all| all.get(key)).into_iter().collect();
        for (pattern, each) in schema.get("patternProperties").and_then(Value::as_object).into_iter().flatten() {
            if self.matches(pattern, key) {
                schemas.push(each);
            }
        }
        if schemas.is_empty() {
            let rest = schema.get("additionalProperties");
            let elsewhere = || all_keys(self.root, schema).contains(&key);
            match (rest, schema.get("unevaluatedProperties")) {
                (Some(Value::Bool(false)), _) => return None,
                (None, Some(Value::Bool(false))) if !elsewhere() => return None,
                (Some(rest), _) => schemas.push(rest),
                (None, _) => {}
            }
        }
        Some(schemas)
    }

    fn unknown_key(&self, schema: &Value, key: &Key, path: &str) -> Diagnostic {
        let mut keys = all_keys(self.root, schema);
        if path.is_empty() {
            keys.extend(COMMON_KEYS);
        }
        let pattern = schema.get("patternProperties").and_then(Value::as_object).and_then(|all| all.keys().next());
        let list = match pattern {
            Some(pattern) if keys.is_empty() => format!("its keys match `{pattern}`"),
            None if keys.is_empty() => "it has no keys".to_owned(),
            _ => format!("its keys are {}", quoted(&keys)),
        };
        let hint = did_you_mean(&key.name, keys).unwrap_or(list);
        Diagnostic::error("unknown-key", format!("unknown key `{}` in {}", shown(&key.name), self.within(path)))
            .hint(hint)
    }

    /// The fault of a table that lacks a key.
    fn missing_key(&self, schema: &Value, key: &str, node: &Node, path: &str) -> Diagnostic {
        let message = format!("missing key `{key}` in {}", self.within(path));
        if let Some(absent) = self.declared.absent.iter().find(|each| each.table == node.span && each.key == key) {
            let message = format!("{message}: the environment `{}` has no `{}`", absent.environment, absent.value);
            return Diagnostic::error("missing-key", message)
                .hint(format!("set `{}` below [env.{}]", absent.value, absent.environment));
        }
        let fault = Diagnostic::error("missing-key", message);
        match schema.get("properties").and_then(|all| all.get(key)) {
            Some(schema) => fault.hint(format!("`{key}` is {}", expected(self.root, schema))),
            None => fault,
        }
    }
}
