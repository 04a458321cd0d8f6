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
    "PASS",
    "KEY",
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
/// Ends of names that only name a secret, or tell something harmless of it.
const ABOUT: &[&str] = &["ID", "NAME", "TTL", "URL", "PATH", "FILE", "REGION", "LENGTH", "ENABLED"];

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
    let tells = words.iter().any(|word| TELLING.contains(word));
    if tells && !only_about { Sort::Secret("its name tells of one") } else { Sort::Plain }
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
}
