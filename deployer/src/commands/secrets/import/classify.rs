//! Whether an entry is a secret: by its name and by its value. In doubt it is one.

use super::env_file::Line;
use crate::leaks::{Text, scan};

/// What an entry is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A secret, and why.
    Secret(&'static str),
    /// Plain configuration.
    Plain,
}

/// Words in names of secrets.
const TELLING: &[&str] = &[
    "SECRET",
    "TOKEN",
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PASS",
    "PWD",
    "PW",
    "KEY",
    "APIKEY",
    "BEARER",
    "COOKIE",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATE",
    "WEBHOOK",
    "DSN",
    "SALT",
    "SIGNING",
    "AUTH",
    "PAT",
    "PEM",
    "CERT",
];
/// Ends of words in names of secrets, where nothing stands between two words: `DBPASSWORD`.
const TELLING_ENDS: &[&str] = &["SECRET", "TOKEN", "PASSWORD", "PASSWD", "PWD", "APIKEY"];
/// Ends of names that only name a secret, or tell something harmless of it.
const ABOUT: &[&str] = &["ID", "NAME", "TTL", "URL", "PATH", "FILE", "REGION", "LENGTH", "ENABLED"];
/// The shortest word of a comment, in bytes, that is taken for a value when it has letters and digits.
const SHORTEST_MIXED: usize = 6;

/// What an entry is.
pub fn classify(line: &Line) -> Sort {
    let value = line.value.reveal();
    let leaks = zeroize::Zeroizing::new(format!("value = \"{value}\""));
    if !scan("", leaks.as_bytes(), Text::Stack).is_empty() {
        return Sort::Secret("its value looks like a key");
    }
    if has_password(value) {
        return Sort::Secret("its value is an address with a password");
    }
    let name = line.name.to_uppercase();
    let words: Vec<&str> = name.split('_').collect();
    let only_about = words.last().is_some_and(|last| ABOUT.contains(last)) && !words.contains(&"WEBHOOK");
    let tells = |word: &str| TELLING.contains(&word) || TELLING_ENDS.iter().any(|end| word.ends_with(end));
    let tells = words.iter().any(|word| tells(word) || word.strip_suffix('S').is_some_and(tells));
    if tells && !only_about { Sort::Secret("its name tells of one") } else { Sort::Plain }
}

/// Whether a comment is prose, and no entry that was only put out of use: it has no `=`, no `:` and no word of letters and
/// digits. In doubt it is not.
pub fn is_prose(comment: &str) -> bool {
    let mixed = |word: &str| {
        let has = |sort: fn(&char) -> bool| word.chars().any(|each| sort(&each));
        word.len() >= SHORTEST_MIXED && has(char::is_ascii_digit) && has(char::is_ascii_alphabetic)
    };
    !comment.contains(['=', ':']) && !comment.split_whitespace().any(mixed)
}

/// Whether it is `scheme://user:password@host`; a password may hold what an address may not.
fn has_password(value: &str) -> bool {
    let user = value.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@'));
    user.is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, password)| !password.is_empty()))
}

#[cfg(test)]
mod tests {
    use deployer_engine::secret::Secret;

    use super::*;

    #[test]
    fn names_and_values_tell() {
        let sort = |name: &str, value: &str| {
            let line = Line { name: name.to_owned(), value: Secret::new(value.to_owned()), comments: Vec::new() };
            matches!(classify(&line), Sort::Secret(_))
        };
        for (name, value) in [
            ("SLACK_TOKEN", "x"),
            ("DB_PASSWORD", "hunter2"),
            ("STRIPE_SECRET_KEY", "x"),
            ("DATABASE", "postgres://crew:hunter2@db.example/crew"),
            ("DATABASE", "postgres://crew:hun/ter2@db.example/crew"),
            ("SLACK_WEBHOOK_URL", "https://hooks.example/x"),
            ("SMTP_PWD", "x"),
            ("DBPASSWORD", "x"),
            ("API_KEYS", "x"),
            ("STRIPE_APIKEY", "x"),
            ("ANYTHING", "9fK2mQ7xLpVb3RtYw8ZcNd5HsJg6AeUi4ToXkMvB"),
        ] {
            assert!(sort(name, value), "{name}");
        }
        for (name, value) in [
            ("AWS_REGION", "us-west-2"),
            ("TOKEN_TTL", "12h"),
            ("KEY_ID", "main"),
            ("SITE_URL", "https://crew.example/"),
            ("KEYBOARD", "qwerty"),
            ("MAIL_FROM", "admin@example.com"),
            ("COMPASS", "true"),
        ] {
            assert!(!sort(name, value), "{name}");
        }
    }

    #[test]
    fn a_comment_that_may_hold_a_value_is_no_prose() {
        for comment in ["deploys and reads issues", "for the crew's channel, made in 2026"] {
            assert!(is_prose(comment), "{comment}");
        }
        for comment in
            ["GITHUB_TOKEN=former", "password: former", "was hunter2", "postgres://crew:former@db.example/crew"]
        {
            assert!(!is_prose(comment), "{comment}");
        }
    }
}
