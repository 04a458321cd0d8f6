//! Text that looks like a key: found in what is written, shipped or kept, and told by its place alone.

mod allowed;
mod rules;

use deployer_engine::diagnostic::{Diagnostic, MAX_FAULTS, Source, Span, shown};

pub use allowed::{ALLOW_FILE, Allowed};

/// Where something was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leak {
    /// The file, as people know it.
    pub path: String,
    /// Its line, from 1.
    pub line: usize,
    /// Where in the file, in bytes.
    span: Span,
    /// The rule that found it, such as `aws-key`.
    pub rule: &'static str,
    /// What it looks like, such as `an AWS access key`.
    pub what: &'static str,
}

/// How closely a text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// A stack file: besides known forms any literal that looks random is a finding.
    Stack,
    /// Sources, documents, settings: besides known forms what is assigned to a name such as `api_token` and looks random.
    Written,
    /// What a build made: known forms alone.
    Built,
}

/// Everything in a content that looks like a key. Nothing of it is kept but its place.
pub fn scan(path: &str, content: &[u8], text: Text) -> Vec<Leak> {
    if text == Text::Built {
        return scan_built(path, content);
    }
    let text_of = String::from_utf8_lossy(content);
    let mut found = Vec::new();
    let mut start = 0;
    for (number, line) in text_of.split('\n').enumerate() {
        if found.len() >= MAX_FAULTS {
            break;
        }
        // A key in PEM goes over lines: its rule looks at what follows.
        let rest = &text_of[start..];
        found.extend(rules::on_line(line, rest, text).into_iter().map(|hit| Leak {
            path: path.to_owned(),
            line: number + 1,
            span: Span { start: start + hit.start, end: start + hit.end },
            rule: hit.rule,
            what: hit.what,
        }));
        start += line.len() + 1;
    }
    found
}

/// Everything of a known form in what a build made.
fn scan_built(path: &str, content: &[u8]) -> Vec<Leak> {
    let line = |at: usize| 1 + content[..at].iter().filter(|byte| **byte == b'\n').count();
    let leak = |hit: rules::Hit| Leak {
        path: path.to_owned(),
        line: line(hit.start),
        span: Span { start: hit.start, end: hit.end },
        rule: hit.rule,
        what: hit.what,
    };
    rules::in_built(content).into_iter().take(MAX_FAULTS).map(leak).collect()
}

impl Leak {
    /// As a fault of what is built or kept, without its line's text.
    pub fn fault(&self) -> Diagnostic {
        let message = format!("{}:{} holds {}", shown(&self.path), self.line, self.what);
        Diagnostic::error(self.rule, message).hint(WAY_OUT)
    }

    /// As a fault of a stack file: its place is shown, its text is not.
    fn fault_in(&self, source: &Source) -> Diagnostic {
        let place = source.locate(Span { start: self.span.start, end: self.span.start });
        let masked = Source::new(&source.path, &masked(&source.text, self.span)).locate(self.span);
        let location = if masked.line == place.line { masked } else { place };
        Diagnostic::error(self.rule, format!("this holds {}", self.what)).at(location).hint(WAY_OUT)
    }
}

/// What to do about a key in a file.
const WAY_OUT: &str = "make a new one where it is used, for this one is known; declare a secret of `kind = \"external\"`, put the new one there with `deployer secrets set`, and refer to it by `${secret.name.ref}`; what is no key goes into `leaks.toml` with a reason and a date";

/// The text with a part of it unreadable; places stay.
fn masked(text: &str, span: Span) -> String {
    let hidden = "*".repeat(span.end - span.start);
    format!("{}{hidden}{}", &text[..span.start], &text[span.end..])
}

/// Faults of a stack file that holds what looks like a key and is not allowed.
pub fn in_stack(source: &Source, allowed: &Allowed) -> Vec<Diagnostic> {
    let leaks = scan(&source.path, source.text.as_bytes(), Text::Stack);
    leaks.iter().filter(|leak| !allowed.covers(leak)).map(|leak| leak.fault_in(source)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of each form, put together here so that no file holds one.
    fn keys() -> Vec<(&'static str, String)> {
        let random = "9fK2mQ7xLpVb3RtYw8ZcNd5HsJg6AeUi4ToXkMvBqWrEyPzC";
        vec![
            ("aws-key", format!("AK{}Q7ZKMX3PLVBN4RTY", "IA")),
            ("stripe-key", format!("sk_{}_{}", "live", &random[..24])),
            ("slack-token", format!("xo{}-1234567890-{}", "xb", &random[..24])),
            ("slack-webhook", format!("https://hooks.{}.com/services/T0AB1CD2E/B0AB1CD2E/{}", "slack", &random[..24])),
            ("github-token", format!("gh{}_{}", "p", &random[..36])),
            ("jwt", format!("ey{}.ey{}.{}", "JhbGciOiJSUzI1NiJ9", "JzdWIiOiJhZG1pbiIsImV4cCI6MX0", &random[..43])),
            ("private-key", format!("-----BEGIN PRIVATE {}-----\n{random}{random}\n", "KEY")),
        ]
    }

    #[test]
    fn keys_of_known_forms_are_found_wherever_they_stand_and_shown_nowhere() {
        for (rule, key) in keys() {
            for text in [Text::Stack, Text::Written, Text::Built] {
                let content = format!("first line\nvalue = \"{key}\"\nlast line\n");
                let found = scan("a/b.txt", content.as_bytes(), text);
                assert!(found.iter().any(|leak| leak.rule == rule && leak.line == 2), "{rule} {text:?}: {found:?}");
                let told: String = found.iter().map(|leak| leak.fault().to_string()).collect();
                assert!(!told.contains(key.lines().next_back().expect("a line")), "{told}");
            }
        }
        // Also amid what is no text.
        let binary = [&[0xff, 0x00, 0x7f][..], keys()[0].1.as_bytes(), &[0x00, 0xfe]].concat();
        assert_eq!(scan("bootstrap", &binary, Text::Built).len(), 1);
    }

    /// Programs have lines of megabytes with parts of words that keys begin with.
    #[test]
    fn keys_are_found_in_a_line_of_any_length_each_once() {
        let crowd = "highlight gh sk- eyJ ghtly_something_else_ SG.x PRIVATE KEY----- ".repeat(20);
        for (rule, key) in keys() {
            let content = format!("{crowd}{key} {crowd}{key}\n");
            let found = scan("bootstrap", content.as_bytes(), Text::Built);
            let lines: Vec<_> = found.iter().map(|leak| (leak.rule, leak.line)).collect();
            let times = if rule == "private-key" { 1 } else { 2 };
            assert_eq!(lines.iter().filter(|each| **each == (rule, 1)).count(), times, "{rule}: {lines:?}");
        }
    }

    #[test]
    fn what_looks_random_is_a_finding_in_a_stack_file_and_under_a_telling_name() {
        let random = "9fK2mQ7xLpVb3RtYw8ZcNd5HsJg6AeUi4ToXkMvB";
        let named = format!("api_token = \"{random}\"\n");
        let unnamed = format!("greeting = \"{random}\"\n");
        let count = |content: &str, text| scan("x", content.as_bytes(), text).len();
        assert_eq!((count(&named, Text::Stack), count(&unnamed, Text::Stack)), (1, 1));
        assert_eq!((count(&named, Text::Written), count(&unnamed, Text::Written)), (1, 0));
        assert_eq!((count(&named, Text::Built), count(&unnamed, Text::Built)), (0, 0));
    }

    #[test]
    fn what_is_no_key_is_none() {
        let harmless = [
            "value = \"${secret.jwt.ref}\"",
            "key = \"arn:aws:kms:us-west-2:111122223333:key/0ab1cd2e-3f45-6789-abcd-ef0123456789\"",
            "url = \"https://crew.queenofsandiego.com/api/roles/claim?sail=2026-11-21&slot=starboard\"",
            "description = \"What a crew uses on a dock, and what the captain needs to know of it\"",
            "token_ttl = \"12h\"",
            "password_parameter = \"/shipcaptaincrew/prod/secret/origin-header-value\"",
            "actions = \"dynamodb:BatchGetItem,dynamodb:ConditionCheckItem,dynamodb:UpdateItem\"",
            "const ID: &str = \"AKIAIOSFODNN7EXAMPLE\";",
            "text.strip_prefix(\"-----BEGIN PRIVATE KEY-----\")",
        ];
        for line in harmless {
            for text in [Text::Stack, Text::Written, Text::Built] {
                assert_eq!(scan("x", line.as_bytes(), text), [], "{line} {text:?}");
            }
        }
    }

    #[test]
    fn a_stack_files_fault_has_its_place_and_not_its_text() {
        let key = &keys()[0].1;
        let source = Source::new("stacks/shop.toml", &format!("[function.api]\nenv = {{ KEY = \"{key}\" }}\n"));
        let faults = in_stack(&source, &Allowed::default());
        assert_eq!(faults.len(), 1);
        let location = faults[0].location.clone().expect("a place");
        assert_eq!((location.file.as_str(), location.line, location.column), ("stacks/shop.toml", 2, 16));
        assert!(!format!("{:?}", faults[0]).contains(key.as_str()));
    }
}
