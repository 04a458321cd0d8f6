//! The list that a message belongs to.

use super::{Address, header_text};

/// A list of messages, by which mail programs sort and people filter. Source: RFC 2919.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct List {
    words: String,
    id: String,
}

impl List {
    /// The list `name` of the sender: `ceo.reports` of `admin@example.com` is `ceo.reports.example.com`. `words` are
    /// for people. `None`: the name is none that a domain could have.
    pub fn of(sender: &Address, name: &str, words: &str) -> Option<Self> {
        const LONGEST_LABEL: usize = 63;
        let inside = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '-';
        let is_label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && label.chars().all(inside);
        let plain: String =
            header_text(words).chars().filter(|each| each.is_ascii() && !"\"\\<>".contains(*each)).collect();
        let id = format!("{name}.{}", sender.domain());
        name.split('.').all(is_label).then_some(Self { words: plain, id })
    }

    /// The header's value: `"CEO report" <ceo.reports.example.com>`.
    pub fn header(&self) -> String {
        format!("\"{}\" <{}>", self.words, self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_named_below_its_sender() {
        let sender: Address = "admin@example.com".parse().expect("an address");
        let header = |name: &str, words: &str| List::of(&sender, name, words).map(|list| list.header());
        assert_eq!(header("ceo.reports", "CEO report").as_deref(), Some("\"CEO report\" <ceo.reports.example.com>"));
        assert_eq!(header("ceo", "a\"\r\nBcc: x <y>").as_deref(), Some("\"a Bcc: x y\" <ceo.example.com>"));
        for name in ["", "a..b", "a b", "a\r\nBcc: x", "Ä"] {
            assert_eq!(header(name, "x"), None, "{name:?}");
        }
    }
}
