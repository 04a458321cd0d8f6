//! Addresses, and text that is safe in a header.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An e-mail address without a display name. `Debug` does not show it: it is personal data.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Address(String);

impl Address {
    /// The address as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address in lower case, under which a person is found.
    pub fn canonical(&self) -> Self {
        Self(self.0.to_ascii_lowercase())
    }

    /// What is behind the `@`.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl FromStr for Address {
    type Err = &'static str;

    /// The common part of what the standards allow: no quotes, comments or domain literals.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "is not an e-mail address";
        const LONGEST: usize = 254;
        const LONGEST_LOCAL: usize = 64;
        let (local, domain) = text.split_once('@').ok_or(RULE)?;
        let in_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
        let label = |label: &str| {
            let inside = |c: char| c.is_ascii_alphanumeric() || c == '-';
            !label.is_empty() && label.chars().all(inside)
        };
        let sound = text.len() <= LONGEST
            && (1..=LONGEST_LOCAL).contains(&local.len())
            && local.chars().all(in_local)
            && domain.split('.').all(label);
        sound.then(|| Self(text.to_owned())).ok_or(RULE)
    }
}

impl TryFrom<String> for Address {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.0
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address(…@{})", self.domain())
    }
}

/// Text as one line of a header: every control, line separator and bidirectional mark becomes a
/// space, runs of spaces become one, and what is too long is cut.
pub fn header_text(text: &str) -> String {
    const LONGEST_CHARS: usize = 200;
    let harmless = |c: char| match c {
        _ if c.is_control() => ' ',
        '\u{2028}' | '\u{2029}' => ' ',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => ' ',
        _ => c,
    };
    let line: String = text.chars().map(harmless).take(LONGEST_CHARS).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_taken() {
        for text in ["admin@queenofsandiego.com", "a.b+crew@mail.example.org", "x@localhost"] {
            assert_eq!(text.parse::<Address>().expect("an address").as_str(), text);
        }
    }

    #[test]
    fn nothing_that_could_end_a_header_or_an_address_is_taken() {
        for text in [
            "",
            "a",
            "@b.org",
            "a@",
            "a@b..org",
            "a@b.org\r\nBcc: c@d.org",
            "a b@c.org",
            "a@b.org,c@d.org",
            "<a@b.org>",
            "\"a\"@b.org",
            "a@b@c.org",
            "a@b.org\u{85}",
            "ä@b.org",
            "a@[127.0.0.1]",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_address_is_not_shown_by_debug() {
        let address: Address = "jane.doe@example.com".parse().expect("an address");
        assert_eq!(format!("{address:?}"), "Address(…@example.com)");
    }

    #[test]
    fn header_text_is_one_clean_line() {
        assert_eq!(header_text("Evening\r\nBcc: x@y.org"), "Evening Bcc: x@y.org");
        assert_eq!(header_text("a\u{85}b\u{2028}c\u{2029}d\u{b}e\0f"), "a b c d e f");
        assert_eq!(header_text("abc\u{202e}cba"), "abc cba");
        assert_eq!(header_text("  Seño\u{301}rita  "), "Seño\u{301}rita");
        assert_eq!(header_text(&"x".repeat(500)).len(), 200);
    }
}
