//! `table`: a DynamoDB table.

use std::collections::BTreeMap;

use deployer_engine::kind::{Expand, Expansion, Kind};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::naming::{main_name, tags};
use crate::policy::{Statement, sid};
use crate::resources::dynamodb_table::keys::{KeyAttribute, TableKey, attributes};
use crate::resources::dynamodb_table::{DynamodbTable, ON_DEMAND, arn};

/// Longest name of a table and of an index. Source: CreateTable.
const MAX_NAME: usize = 255;
/// Shortest name of a table and of an index. Source: CreateTable.
const MIN_NAME: usize = 3;
/// Most indexes of a table. Source: DynamoDB service quotas.
const MAX_INDEXES: usize = 20;

/// A DynamoDB table, paid by request. In a protected environment AWS refuses to delete it.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// What identifies an item: `{ hash = "event_id:S", range = "slot:S" }`, each with its type `S`, `N` or `B`.
    /// It never changes: another key is another table.
    pub key: TableKey,
    /// The attribute (a number) that holds the second, since 1970, after which an item may be deleted: `"expires_at"`.
    /// AWS deletes some days late and lets this change once an hour. Default: items stay.
    pub ttl: Option<String>,
    /// Other keys to query by: `{ by-departure = { hash = "calendar:S", range = "departs_at:N" } }`. Each holds
    /// whole items. Names have 3 to 255 characters, at most 20 of them. Default: not managed.
    pub indexes: Option<BTreeMap<String, TableKey>>,
    /// Whether each second of the last 35 days can be restored (costs by size). Default: true in a protected environment.
    pub recovery: Option<bool>,
}

impl Table {
    /// What a function may do with it. `read`: get, query, scan; `write`: put, update, delete, also in
    /// transactions with condition checks; `rw`: both. TransactGetItems and TransactWriteItems are allowed
    /// by the actions of their items.
    pub fn grant(&self, cx: &Expand<'_>, verb: &str) -> Option<Vec<Statement>> {
        Self::statements(&self.arn(cx), &|verb| sid(verb, cx.address), verb)
    }

    /// The same on a table by its ARN. `sid` names the statement of a verb.
    pub(super) fn statements(table: &str, sid: &dyn Fn(&str) -> String, verb: &str) -> Option<Vec<Statement>> {
        let with_indexes = [table.to_owned(), format!("{table}/index/*")];
        let read = ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"];
        let write = [
            "dynamodb:BatchWriteItem",
            "dynamodb:ConditionCheckItem",
            "dynamodb:DeleteItem",
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
        ];
        let read = Statement::new(&sid("read"), &read, with_indexes);
        // Indexes are written through their table alone.
        let write = Statement::new(&sid("write"), &write, [table.to_owned()]);
        match verb {
            "read" => Some(vec![read]),
            "write" => Some(vec![write]),
            "rw" => Some(vec![read, write]),
            _ => None,
        }
    }

    pub(super) fn name(cx: &Expand<'_>) -> String {
        main_name(cx, MAX_NAME)
    }

    fn arn(&self, cx: &Expand<'_>) -> String {
        Self::arn_of(cx, &Self::name(cx))
    }

    /// The ARN of a table of the environment by its name.
    pub(super) fn arn_of(cx: &Expand<'_>, name: &str) -> String {
        arn(&cx.environment().region, &cx.environment().account, name)
    }

    /// In a protected environment somebody counts on the data.
    fn check_recovery(&self, cx: &Expand<'_>, out: &mut Expansion) {
        if self.recovery == Some(false) && cx.environment().protect {
            let message = format!("{} cannot be restored, and {} is protected", cx.address, cx.environment().name);
            out.warn(cx, &["recovery"], "no-recovery", message, "leave `recovery` out where somebody needs the data");
        }
    }

    /// Faults that no schema finds.
    fn check(&self, cx: &Expand<'_>, out: &mut Expansion) {
        let indexes = self.indexes.iter().flatten();
        let mut types: BTreeMap<&str, &KeyAttribute> = BTreeMap::new();
        for (path, key) in std::iter::once((vec!["key"], &self.key))
            .chain(indexes.clone().map(|(name, key)| (vec!["indexes", name.as_str()], key)))
        {
            if key.range.as_ref().is_some_and(|range| range.name == key.hash.name) {
                out.fault(cx, &path, "bad-key", "hash and range are the same attribute", "leave the range out");
            }
            for attribute in attributes(&key.hash, key.range.as_ref()) {
                let first = *types.entry(&attribute.name).or_insert(attribute);
                if first.scalar != attribute.scalar {
                    let message = format!(
                        "`{}` is of type {} here and {} elsewhere",
                        attribute.name, attribute.scalar, first.scalar
                    );
                    out.fault(cx, &path, "bad-key", message, "an attribute of several keys has one type");
                }
            }
        }
        if let Some(key) = self.ttl.as_deref().and_then(|ttl| types.get(ttl)).filter(|key| key.scalar != "N") {
            out.fault(
                cx,
                &["ttl"],
                "bad-ttl",
                format!("`{}` is of type {}, and a time to live is a number", key.name, key.scalar),
                "use an attribute of epoch seconds",
            );
        }
        for (name, _) in indexes.filter(|(name, _)| !is_name(name)) {
            out.fault(
                cx,
                &["indexes", name],
                "bad-name",
                format!("`{}` cannot name an index", name.escape_debug()),
                "3 to 255 letters, digits, `-`, `_` and `.`",
            );
        }
        if self.indexes.as_ref().is_some_and(|each| each.len() > MAX_INDEXES) {
            out.fault(
                cx,
                &["indexes"],
                "too-many",
                format!("a table has at most {MAX_INDEXES} indexes"),
                "merge some: an index may serve several queries",
            );
        }
    }
}

fn is_name(name: &str) -> bool {
    (MIN_NAME..=MAX_NAME).contains(&name.len())
        && name.bytes().all(|each| each.is_ascii_alphanumeric() || b"-_.".contains(&each))
}

impl Kind for Table {
    const KIND: &'static str = "table";
    const ALSO_CALLED: &'static [&'static str] = &["dynamodb", "dynamo"];

    fn attributes(&self, cx: &Expand<'_>) -> Vec<(&'static str, String)> {
        vec![("name", Self::name(cx)), ("arn", self.arn(cx))]
    }

    fn expand(&self, cx: &Expand<'_>, out: &mut Expansion) {
        self.check(cx, out);
        self.check_recovery(cx, out);
        let in_protected = cx.environment().protect.then_some(true);
        let protect = cx.stack.declared(cx.address).and_then(|declared| declared.protect);
        let table = DynamodbTable {
            name: Self::name(cx),
            key: self.key.clone(),
            indexes: self
                .indexes
                .clone()
                .map(|indexes| indexes.into_iter().map(|(name, key)| (name, key.into())).collect()),
            ttl: self.ttl.clone(),
            recovery: self.recovery.or(in_protected),
            protection: protect.or(in_protected),
            billing: ON_DEMAND.to_owned(),
            tags: tags(cx.environment(), &cx.address.part(Self::KIND)),
        };
        out.resource(cx, Self::KIND, &table);
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use crate::kinds::testing::{faults, shown, wanted};

    const ROLES: &str = r#"
[table.roles]
key = { hash = "event_id:S", range = "slot:S" }
ttl = "expires_at"
indexes = { by-departure = { hash = "calendar:S", range = "departs_at:N" } }
"#;

    #[test]
    fn a_table_of_the_local_aws_is_neither_backed_up_nor_protected() {
        assert_snapshot!(shown(&wanted(ROLES, "local", &[]).unwrap(), "table.roles"), @r#"
        table (dynamodb_table)
          billing: PAY_PER_REQUEST
          indexes: {"by-departure":{"hash":"calendar:S","range":"departs_at:N"}}
          key: {"hash":"event_id:S","range":"slot:S"}
          name: crew-local-roles
          ttl: expires_at
        "#);
    }

    #[test]
    fn a_protected_environment_protects_and_backs_up_its_tables() {
        assert_snapshot!(shown(&wanted(ROLES, "prod", &[]).unwrap(), "table.roles"), @r#"
        table (dynamodb_table)
          billing: PAY_PER_REQUEST
          indexes: {"by-departure":{"hash":"calendar:S","range":"departs_at:N"}}
          key: {"hash":"event_id:S","range":"slot:S"}
          name: crew-prod-roles
          protection: true
          recovery: true
          ttl: expires_at
        "#);
    }

    #[test]
    fn a_declaration_may_say_otherwise() {
        let text = "[table.scratch]\nkey = { hash = \"id:S\" }\nrecovery = false\nprotect = false\n";
        assert_snapshot!(shown(&wanted(text, "prod", &[]).unwrap(), "table.scratch"), @r#"
        table (dynamodb_table)
          billing: PAY_PER_REQUEST
          key: {"hash":"id:S"}
          name: crew-prod-scratch
          protection: false
          recovery: false
        "#);
    }

    #[test]
    fn a_table_that_cannot_be_restored_is_warned_of_where_it_is_protected() {
        let text = "[table.scratch]\nkey = { hash = \"id:S\" }\nrecovery = false\n";
        let warnings = |environment: &str| wanted(text, environment, &[]).unwrap().warnings;
        let told: Vec<_> = warnings("prod").into_iter().map(|each| (each.code, each.message)).collect();
        assert_eq!(told, [("no-recovery", "table.scratch cannot be restored, and prod is protected".to_owned())]);
        assert_eq!(warnings("staging").len(), 0);
    }

    #[test]
    fn what_dynamodb_would_refuse_is_a_fault() {
        let text = r#"
[table.a]
key = { hash = "id:S", range = "id:S" }
[table.b]
key = { hash = "id:S" }
ttl = "id"
indexes = { x = { hash = "id:N" } }
"#;
        assert_snapshot!(faults(text, "prod"), @"
        3:7 bad-key hash and range are the same attribute (leave the range out)
        7:17 bad-key `id` is of type N here and S elsewhere (an attribute of several keys has one type)
        6:7 bad-ttl `id` is of type S, and a time to live is a number (use an attribute of epoch seconds)
        7:17 bad-name `x` cannot name an index (3 to 255 letters, digits, `-`, `_` and `.`)
        ");
    }

    #[test]
    fn an_attribute_without_its_type_is_a_fault() {
        assert_snapshot!(faults("[table.c]\nkey = { hash = \"id\" }\n", "prod"), @"2:16 bad-pattern key.hash cannot be `id` (An attribute and its type: `event_id:S`. `S` is a string, `N` a number, `B` bytes)");
    }
}
