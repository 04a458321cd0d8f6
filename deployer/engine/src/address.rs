//! Addresses: how a declaration and each resource it expands to are named for ever.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Longest kind or name, in bytes: the tag that carries an address holds 256.
const MAX_WORD_BYTES: usize = 64;

/// Where a declaration stands in a stack file: `[kind.name]`, written `kind.name`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeclarationAddress {
    kind: String,
    name: String,
}

impl DeclarationAddress {
    /// The address `kind.name`. Both are 1 to 64 of `A–Z a–z 0–9 - _` and begin with a letter.
    pub fn new(kind: &str, name: &str) -> Result<Self, BadAddress> {
        word(kind)?;
        word(name)?;
        Ok(Self { kind: kind.to_owned(), name: name.to_owned() })
    }

    /// The kind, such as `function`.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The name within the kind, such as `crew-api`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address of one of the resources that this declaration expands to.
    ///
    /// # Panics
    /// When `part` is not made of address words joined by dots: parts are written in code.
    pub fn part(&self, part: &str) -> Address {
        part.split('.').for_each(|each| word(each).expect("a part is made of address words"));
        Address { declaration: self.clone(), part: part.to_owned() }
    }
}

/// Where a resource stands: `kind.name/part`, such as `function.crew-api/role`.
///
/// It is written into the tag `deployer:address` and so is permanent once used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address {
    declaration: DeclarationAddress,
    part: String,
}

impl Address {
    /// The declaration that expands to this resource.
    pub fn declaration(&self) -> &DeclarationAddress {
        &self.declaration
    }

    /// Which of the declaration's resources this is, such as `role`.
    pub fn part(&self) -> &str {
        &self.part
    }
}

/// A text that is no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadAddress(String);

impl fmt::Display for BadAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is no address: letters, digits, `-` and `_`, at most {MAX_WORD_BYTES}, beginning with a letter",
            self.0.escape_debug()
        )
    }
}

impl std::error::Error for BadAddress {}

fn word(text: &str) -> Result<(), BadAddress> {
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic());
    let all_well = text.chars().all(|each| each.is_ascii_alphanumeric() || each == '-' || each == '_');
    if begins_well && all_well && text.len() <= MAX_WORD_BYTES { Ok(()) } else { Err(BadAddress(text.to_owned())) }
}

impl FromStr for DeclarationAddress {
    type Err = BadAddress;
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (kind, name) = text.split_once('.').ok_or_else(|| BadAddress(text.to_owned()))?;
        Self::new(kind, name)
    }
}

impl FromStr for Address {
    type Err = BadAddress;
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let (declaration, part) = text.split_once('/').ok_or_else(|| BadAddress(text.to_owned()))?;
        part.split('.').try_for_each(word)?;
        Ok(Self { declaration: declaration.parse()?, part: part.to_owned() })
    }
}

impl fmt::Display for DeclarationAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind, self.name)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.declaration, self.part)
    }
}

macro_rules! text_form {
    ($type:ty, $pattern:literal, $description:literal) => {
        impl TryFrom<String> for $type {
            type Error = BadAddress;
            fn try_from(text: String) -> Result<Self, BadAddress> {
                text.parse()
            }
        }
        impl From<$type> for String {
            fn from(address: $type) -> String {
                address.to_string()
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                schemars::json_schema!({ "type": "string", "pattern": $pattern, "description": $description })
            }
        }
    };
}
text_form!(
    DeclarationAddress,
    "^[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*$",
    "Another declaration: `kind.name`."
);
text_form!(Address, "^[A-Za-z][A-Za-z0-9_-]*\\.[A-Za-z][A-Za-z0-9_-]*/.+$", "A resource: `kind.name/part`.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_survives_its_text_form() {
        let address: Address = "function.crew-api/permission.url".parse().unwrap();
        assert_eq!(address.to_string(), "function.crew-api/permission.url");
        assert_eq!(address.declaration().kind(), "function");
        assert_eq!(address.part(), "permission.url");
        assert_eq!(address, DeclarationAddress::new("function", "crew-api").unwrap().part("permission.url"));
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "function",
            "function.",
            ".x",
            "function.crew api",
            "f.x/",
            "f.x",
            "f.x/a..b",
            "1f.x/a",
            "f.\u{1b}[31m/x",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
        assert!(DeclarationAddress::new("table", &"a".repeat(65)).is_err());
    }
}
