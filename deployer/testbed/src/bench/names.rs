//! Names that AWS makes up: the ids, ETags and tokens of a recording, and those that took their places when it was
//! asked again.

use std::collections::HashMap;

/// Shorter words are no names that AWS made up.
const SHORTEST: usize = 6;

/// Which name of the recording is which now.
#[derive(Clone, Debug, Default)]
pub struct Names {
    now: HashMap<String, String>,
}

impl Names {
    /// Learns from an answer of the recording and the one that was given now. They are of the same form, or nothing is learned.
    pub fn learn(&mut self, recorded: &str, given: &str) {
        let (recorded, given): (Vec<&str>, Vec<&str>) = (words(recorded).collect(), words(given).collect());
        if recorded.len() != given.len() {
            return;
        }
        let differ = recorded.into_iter().zip(given).filter(|(old, new)| old != new && is_made_up(old));
        self.now.extend(differ.map(|(old, new)| (old.to_owned(), new.to_owned())));
    }

    /// The text with the names of now; `None`: there are none in it.
    pub fn put_into(&self, text: &str) -> Option<String> {
        let mut put = String::with_capacity(text.len());
        let mut copied = 0;
        for word in words(text) {
            let Some(now) = self.now.get(word) else { continue };
            let begins = word.as_ptr().addr() - text.as_ptr().addr();
            put.push_str(&text[copied..begins]);
            put.push_str(now);
            copied = begins + word.len();
        }
        put.push_str(&text[copied..]);
        (copied > 0).then_some(put)
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|each: char| !each.is_ascii_alphanumeric() && each != '-' && each != '_')
}

/// Times and sizes are digits alone, and nothing is called so.
fn is_made_up(word: &str) -> bool {
    word.len() >= SHORTEST && !word.bytes().all(|each| each.is_ascii_digit() || each == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_up_anew_is_put_where_the_old_name_was_and_nowhere_else() {
        let mut names = Names::default();
        names.learn(
            "{\"Id\": \"E1ABCDEF\", \"ETag\": \"12ab-34cd\", \"Modified\": 1763740000, \"Name\": \"crew\"}",
            "{\"Id\": \"E9ZYXWVU\", \"ETag\": \"56ef-78ab\", \"Modified\": 1763749999, \"Name\": \"crew\"}",
        );
        let cases = [
            ("/distribution/E1ABCDEF/config?x=E1ABCDEF", Some("/distribution/E9ZYXWVU/config?x=E9ZYXWVU")),
            ("12ab-34cd", Some("56ef-78ab")),
            ("\"at\": 1763740000, E1ABCDEFG", None),
            ("E1ABCDEFG and E1ABCDEF", Some("E1ABCDEFG and E9ZYXWVU")),
        ];
        for (text, wanted) in cases {
            assert_eq!(names.put_into(text).as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn an_answer_of_another_form_teaches_nothing() {
        let mut names = Names::default();
        names.learn("{\"Id\": \"E1ABCDEF\"}", "<Error><Code>NoSuchDistribution</Code></Error>");
        assert_eq!(names.put_into("E1ABCDEF"), None);
    }
}
