//! Keys of tables and indexes, as a person writes them and as DynamoDB takes them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, GlobalSecondaryIndex, GlobalSecondaryIndexDescription, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType,
};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// An attribute of a key and its type, written `name:T`, where `T` is `S` (string), `N` (number) or `B` (bytes).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyAttribute {
    /// The attribute: 1 to 255 characters.
    pub name: String,
    /// `S`, `N` or `B`.
    pub scalar: String,
}

/// A text that is no attribute of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadKeyAttribute(String);

impl fmt::Display for BadKeyAttribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is no attribute with its type, such as `event_id:S`", self.0.escape_debug())
    }
}

impl std::error::Error for BadKeyAttribute {}

impl FromStr for KeyAttribute {
    type Err = BadKeyAttribute;
    fn from_str(text: &str) -> Result<Self, BadKeyAttribute> {
        match text.rsplit_once(':') {
            Some((name, scalar @ ("S" | "N" | "B"))) if !name.is_empty() && name.len() <= 255 => {
                Ok(Self { name: name.to_owned(), scalar: scalar.to_owned() })
            }
            _ => Err(BadKeyAttribute(text.to_owned())),
        }
    }
}

impl TryFrom<String> for KeyAttribute {
    type Error = BadKeyAttribute;
    fn try_from(text: String) -> Result<Self, BadKeyAttribute> {
        text.parse()
    }
}

impl From<KeyAttribute> for String {
    fn from(attribute: KeyAttribute) -> String {
        format!("{}:{}", attribute.name, attribute.scalar)
    }
}

impl JsonSchema for KeyAttribute {
    fn schema_name() -> Cow<'static, str> {
        "KeyAttribute".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "type": "string",
            "pattern": "^.{1,255}:[SNB]$",
            "description": "An attribute and its type: `event_id:S`. `S` is a string, `N` a number, `B` bytes.",
        })
    }
}

/// The key of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableKey {
    /// The attribute that spreads the items: `event_id:S`. Required.
    pub hash: KeyAttribute,
    /// The attribute that orders the items of one hash: `created_at:S`. Absent: one item a hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<KeyAttribute>,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableIndex {
    /// Its hash attribute.
    pub hash: KeyAttribute,
    /// Its range attribute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<KeyAttribute>,
    /// What it holds when that is not everything: `KEYS_ONLY` or `INCLUDE`. We make none of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub projection: Option<String>,
}

impl From<TableKey> for TableIndex {
    fn from(key: TableKey) -> Self {
        Self { hash: key.hash, range: key.range, projection: None }
    }
}

/// Indexes by name.
pub type Indexes = BTreeMap<String, TableIndex>;

/// The key schema of a hash and a range.
pub fn key_schema(hash: &KeyAttribute, range: Option<&KeyAttribute>) -> Vec<KeySchemaElement> {
    let element = |attribute: &KeyAttribute, kind| {
        KeySchemaElement::builder()
            .attribute_name(&attribute.name)
            .key_type(kind)
            .build()
            .expect("name and type are set")
    };
    std::iter::once(element(hash, KeyType::Hash)).chain(range.map(|each| element(each, KeyType::Range))).collect()
}

/// The definitions of these attributes, each once.
pub fn definitions<'a>(attributes: impl IntoIterator<Item = &'a KeyAttribute>) -> Vec<AttributeDefinition> {
    let by_name: BTreeMap<_, _> = attributes.into_iter().map(|each| (&each.name, &each.scalar)).collect();
    let definition = |(name, scalar): (&String, &String)| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::from(scalar.as_str()))
            .build()
    };
    by_name.into_iter().map(|each| definition(each).expect("name and type are set")).collect()
}

/// The attributes of a key, hash first.
pub fn attributes<'a>(
    hash: &'a KeyAttribute,
    range: Option<&'a KeyAttribute>,
) -> impl Iterator<Item = &'a KeyAttribute> {
    std::iter::once(hash).chain(range)
}

/// An index as CreateTable takes it.
pub fn index(name: &str, index: &TableIndex) -> GlobalSecondaryIndex {
    let keys = key_schema(&index.hash, index.range.as_ref());
    let everything = Projection::builder().projection_type(ProjectionType::All).build();
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys))
        .projection(everything)
        .build()
        .expect("name, key and projection are set")
}

/// A key as DynamoDB describes it.
pub fn read_key(schema: &[KeySchemaElement], definitions: &[AttributeDefinition]) -> Option<TableKey> {
    let find = |kind: KeyType| {
        let name = &schema.iter().find(|each| each.key_type == kind)?.attribute_name;
        let scalar = definitions.iter().find(|each| each.attribute_name == *name)?.attribute_type.as_str();
        Some(KeyAttribute { name: name.clone(), scalar: scalar.to_owned() })
    };
    Some(TableKey { hash: find(KeyType::Hash)?, range: find(KeyType::Range) })
}

/// The indexes as DynamoDB describes them, less those that are being deleted.
pub fn read_indexes(found: &[GlobalSecondaryIndexDescription], definitions: &[AttributeDefinition]) -> Indexes {
    let stays = |each: &&GlobalSecondaryIndexDescription| {
        each.index_status.as_ref().is_none_or(|status| status.as_str() != "DELETING")
    };
    let read = |each: &GlobalSecondaryIndexDescription| {
        let key = read_key(each.key_schema.as_deref().unwrap_or_default(), definitions)?;
        let projection = each
            .projection
            .as_ref()
            .and_then(|each| each.projection_type.as_ref())
            .filter(|each| **each != ProjectionType::All);
        Some((
            each.index_name.clone()?,
            TableIndex { projection: projection.map(|each| each.as_str().to_owned()), ..key.into() },
        ))
    };
    found.iter().filter(stays).filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_survives_its_text_form_and_others_are_refused() {
        let attribute: KeyAttribute = "expires:at:N".parse().unwrap();
        assert_eq!((attribute.name.as_str(), attribute.scalar.as_str()), ("expires:at", "N"));
        assert_eq!(String::from(attribute), "expires:at:N");
        for text in ["", "a", "a:", ":S", "a:X", "a:s"] {
            assert!(text.parse::<KeyAttribute>().is_err(), "{text:?}");
        }
    }
}
