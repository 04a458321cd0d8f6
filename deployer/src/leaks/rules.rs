//! What keys look like.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::Text;

/// The form of one sort of key. The text around it is no part of it.
struct Rule {
    name: &'static str,
    what: &'static str,
    /// What is in every one: most lines have none, and no expression looks at them.
    anchor: &'static str,
    form: Regex,
}

/// Each sort: name, what it is, what is in every one, its form. Sources: the issuers' documentation of their keys.
#[rustfmt::skip]
const FORMS: &[(&str, &str, &str, &str)] = &[
    ("aws-key", "an AWS access key", "AKIA", r"\bAKIA[0-9A-Z]{16}\b"),
    ("aws-key", "an AWS access key of a session", "ASIA", r"\bASIA[0-9A-Z]{16}\b"),
    ("stripe-key", "a Stripe key", "k_live_", r"\b[rs]k_live_[0-9A-Za-z]{16,}"),
    ("stripe-key", "a Stripe key for tests", "k_test_", r"\b[rs]k_test_[0-9A-Za-z]{16,}"),
    ("stripe-key", "a Stripe webhook secret", "whsec_", r"\bwhsec_[0-9A-Za-z+/]{24,}"),
    ("slack-token", "a Slack token", "xox", r"\bxox[abeprs]-[0-9A-Za-z-]{20,}"),
    ("slack-webhook", "a Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/services/T[0-9A-Z]{6,}/B[0-9A-Z]{6,}/[0-9A-Za-z]{16,}"),
    ("github-token", "a GitHub token", "gh", r"\bgh[opsur]_[0-9A-Za-z]{36,}"),
    ("github-token", "a GitHub token", "github_pat_", r"\bgithub_pat_[0-9A-Za-z_]{40,}"),
    ("google-key", "a Google API key", "AIza", r"\bAIza[0-9A-Za-z_-]{35}\b"),
    ("sendgrid-key", "a SendGrid key", "SG.", r"\bSG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{32,}"),
    ("npm-token", "an npm token", "npm_", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("model-key", "a key of a model's API", "sk-", r"\bsk-(ant-|proj-)[0-9A-Za-z_-]{32,}"),
    ("jwt", "a signed token", "eyJ", r"\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{32,}"),
];

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let rule = |(name, what, anchor, form): &(&'static str, &'static str, &'static str, &str)| Rule {
        name,
        what,
        anchor,
        form: compiled(form),
    };
    FORMS.iter().map(rule).collect()
});

/// What follows the head of a private key: a body, and not the end of a literal in a program.
static PEM: LazyLock<Regex> =
    LazyLock::new(|| compiled(r"-----BEGIN ([A-Z]+ )*PRIVATE KEY-----(\\n|\s)*[0-9A-Za-z+/=\\\r\n]{64,}"));
const PEM_ANCHOR: &str = "PRIVATE KEY-----";
/// How much of a private key is looked at: its head and the first lines of its body.
const PEM_BYTES: usize = 256;
/// The longest head of a private key before its anchor, in bytes.
const PEM_HEAD_BYTES: usize = 64;

/// How much stands before the anchor of a form, in bytes: a letter of the form, and what bounds it.
const AHEAD_BYTES: usize = 2;
/// Every form goes on like this behind its anchor, for at least so many bytes.
const WORD_BYTES: usize = 12;
/// How much of what was built is looked at from an anchor on, in bytes: a line of a program may have megabytes.
const BUILT_BYTES: usize = 4096;

/// A text in quotes, or what is assigned without any.
static LITERAL: LazyLock<Regex> = LazyLock::new(|| compiled(r#"["']([^"'\s]{20,512})["']|=\s*([^"'\s]{20,512})\s*$"#));
/// A name that tells that its value is secret, and what is assigned to it.
static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    compiled(
        r#"(?i)[\w.-]*(secret|token|passw(or)?d|api[_-]?key|private[_-]?key|credential)[\w.-]*["']?\s*[:=]\s*["']?([^"'\s,;{}()]{20,512})"#,
    )
});
/// What AWS's documentation writes into the keys of its examples.
const EXAMPLE: &str = "EXAMPLE";
/// Bits that a character of random text tells, at least, of the 6 that base64 has room for.
const RANDOM_BITS: f64 = 4.0;
/// The same of hexadecimal digits, which have room for 4.
const RANDOM_HEX_BITS: f64 = 3.0;
/// The shortest hexadecimal text that is taken for a key: 128 bits.
const SHORTEST_HEX: usize = 32;

fn compiled(form: &str) -> Regex {
    Regex::new(form).expect("the forms of keys are written here and compiled by a test")
}

/// A place on a line.
pub struct Hit {
    pub start: usize,
    pub end: usize,
    pub rule: &'static str,
    pub what: &'static str,
}

/// What a line holds; `rest` is the content from the line on.
pub fn on_line(line: &str, rest: &str, text: Text) -> Vec<Hit> {
    let mut found = Vec::new();
    for rule in RULES.iter().filter(|rule| line.contains(rule.anchor)) {
        found.extend(keys(line, rule, text));
    }
    if line.contains(PEM_ANCHOR) {
        found.extend(private_key(line, rest, text));
    }
    if found.is_empty() {
        found.extend(random(line, text));
    }
    found
}

/// The keys of one form on a line that has its anchor.
fn keys(line: &str, rule: &Rule, text: Text) -> Vec<Hit> {
    let (mut found, mut looked_until) = (Vec::new(), 0);
    for (at, anchor) in line.match_indices(rule.anchor) {
        if at < looked_until || !goes_on(&line.as_bytes()[at + anchor.len()..]) {
            continue;
        }
        let (start, near) = near(line, at, AHEAD_BYTES, line.len(), text);
        if let Some(key) = rule.form.find(near).filter(|key| !key.as_str().contains(EXAMPLE)) {
            looked_until = start + key.end();
            found.push(Hit { start: start + key.start(), end: looked_until, rule: rule.name, what: rule.what });
        }
    }
    found
}

/// Whether what follows an anchor may be the rest of a key: most anchors are parts of other words.
fn goes_on(following: &[u8]) -> bool {
    let word = |each: &u8| each.is_ascii_alphanumeric() || b"_-./+".contains(each);
    following.get(..WORD_BYTES).is_some_and(|head| head.iter().all(word))
}

/// The first private key whose head is on a line.
fn private_key(line: &str, rest: &str, text: Text) -> Option<Hit> {
    let last = rest.len().min(line.len() + PEM_BYTES);
    line.match_indices(PEM_ANCHOR).find_map(|(at, _)| {
        let (start, near) = near(rest, at, PEM_HEAD_BYTES, last, text);
        let key = PEM.find(near).filter(|key| start + key.start() < line.len())?;
        let end = (start + key.end()).min(line.len());
        Some(Hit { start: start + key.start(), end, rule: "private-key", what: "a private key" })
    })
}

/// What stands around an anchor, and where it begins: of what was built a part, of all else the rest up to `last`, since
/// all of a key must be hidden where its text is shown.
fn near(content: &str, at: usize, ahead: usize, last: usize, text: Text) -> (usize, &str) {
    let start = content.floor_char_boundary(at.saturating_sub(ahead));
    let end = if text == Text::Built { last.min(at + BUILT_BYTES) } else { last };
    (start, &content[start..content.floor_char_boundary(end)])
}

/// What looks random, where that is a finding.
fn random(line: &str, text: Text) -> Option<Hit> {
    let literal = match text {
        Text::Built => None,
        Text::Written if !is_telling(line) => None,
        Text::Written => {
            NAMED.captures_iter(line).filter_map(|found| found.get(3)).find(|each| is_random(each.as_str()))
        }
        Text::Stack => {
            let literals = LITERAL.captures_iter(line).filter_map(|found| found.get(1).or_else(|| found.get(2)));
            literals.into_iter().find(|each| is_random(each.as_str()))
        }
    };
    let literal = literal?;
    Some(Hit {
        start: literal.start(),
        end: literal.end(),
        rule: "random-text",
        what: "text that looks like a key: it is as good as random",
    })
}

/// Whether a line has a word that [`NAMED`] looks for: most have none, and no expression looks at them.
fn is_telling(line: &str) -> bool {
    let small = line.to_ascii_lowercase();
    ["secret", "token", "passw", "key", "credential"].iter().any(|word| small.contains(word))
}

/// Whether a text is one word of random characters: neither words, nor a path, nor a name.
fn is_random(text: &str) -> bool {
    let trimmed = text.trim_end_matches('=');
    if trimmed.bytes().all(|each| each.is_ascii_hexdigit()) {
        return trimmed.len() >= SHORTEST_HEX && bits(trimmed) >= RANDOM_HEX_BITS;
    }
    let plain = trimmed.bytes().all(|each| each.is_ascii_alphanumeric() || b"+/_-".contains(&each));
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_lowercase, u8::is_ascii_uppercase, u8::is_ascii_digit];
    let mixed = kinds.iter().all(|kind| trimmed.bytes().any(|each| kind(&each)));
    let words = trimmed
        .split(['/', '_', '-'])
        .all(|word| word.len() < 12 || word.bytes().all(|each| each.is_ascii_lowercase()));
    plain && mixed && !words && !text.contains(EXAMPLE) && bits(trimmed) >= RANDOM_BITS
}

/// Shannon's entropy, in bits a character.
fn bits(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|each| counts[usize::from(each)] += 1);
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum()
}
