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

/// Each sort, whose anchor is followed by [`WORD_BYTES`] of a word at least: name, what it is, what is in every one, its form. Sources: the issuers' documentation of their keys.
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

/// How much of what was built is looked at before an anchor: a letter of the form, and what bounds it; of a private key its
/// head. And how much from there on, in bytes: a line of a program may have megabytes.
const AHEAD_BYTES: usize = 2;
const PEM_HEAD_BYTES: usize = 64;
const BUILT_BYTES: usize = 4096;
/// How many bytes of a word follow every anchor but that of a private key.
const WORD_BYTES: usize = 12;
/// Whether an anchor begins with two bytes, by their number: programs have tens of megabytes, and nearly none of them does.
static BEGINNINGS: LazyLock<Vec<bool>> = LazyLock::new(|| {
    let mut begins = vec![false; 1 << 16];
    for anchor in FORMS.iter().map(|(_, _, anchor, _)| anchor).chain([&PEM_ANCHOR]) {
        begins[number(anchor.as_bytes()[0], anchor.as_bytes()[1])] = true;
    }
    begins
});

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
        let keys = rule.form.find_iter(line).filter(|key| !key.as_str().contains(EXAMPLE));
        found.extend(keys.map(|key| Hit { start: key.start(), end: key.end(), rule: rule.name, what: rule.what }));
    }
    if line.contains(PEM_ANCHOR) {
        let mut end = rest.len().min(line.len() + PEM_BYTES);
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let key = PEM.find(&rest[..end]).filter(|key| key.start() < line.len());
        let hit = |key: regex_lite::Match<'_>| Hit {
            start: key.start(),
            end: key.end().min(line.len()),
            rule: "private-key",
            what: "a private key",
        };
        found.extend(key.map(hit));
    }
    if found.is_empty() {
        found.extend(random(line, text));
    }
    found
}

/// What a program holds, or whatever else was built. One pass over the bytes, by an index: it is quick without the
/// compiler's help as well, for it runs before each release to the local AWS.
pub fn in_built(content: &[u8]) -> Vec<Hit> {
    let begins = BEGINNINGS.as_slice();
    let (mut found, mut at) = (Vec::<Hit>::new(), 1);
    while at < content.len() {
        if begins[number(content[at - 1], content[at])] && found.last().is_none_or(|last| last.end < at) {
            found.extend(key_at(content, at - 1));
        }
        at += 1;
    }
    found
}

fn number(first: u8, second: u8) -> usize {
    (usize::from(first) << 8) | usize::from(second)
}

/// The key whose anchor begins there.
fn key_at(content: &[u8], at: usize) -> Option<Hit> {
    let here = &content[at..];
    if here.starts_with(PEM_ANCHOR.as_bytes()) {
        let length = length_near(&PEM, content, at, PEM_HEAD_BYTES)?;
        return Some(Hit { start: at, end: at + length, rule: "private-key", what: "a private key" });
    }
    RULES.iter().find_map(|rule| {
        let following = here.strip_prefix(rule.anchor.as_bytes())?.get(..WORD_BYTES)?;
        // Most anchors are parts of other words.
        let goes_on = following.iter().all(|each| each.is_ascii_alphanumeric() || b"_-./+".contains(each));
        let length = goes_on.then(|| length_near(&rule.form, content, at, AHEAD_BYTES)).flatten()?;
        Some(Hit { start: at, end: at + length, rule: rule.name, what: rule.what })
    })
}

/// How long the key of a form is that stands around an anchor.
fn length_near(form: &Regex, content: &[u8], at: usize, ahead: usize) -> Option<usize> {
    let mut text = String::from_utf8_lossy(&content[at.saturating_sub(ahead)..at]).into_owned();
    let anchor = text.len();
    text.push_str(&String::from_utf8_lossy(&content[at..content.len().min(at + BUILT_BYTES)]));
    let key = form.find_iter(&text).find(|key| key.range().contains(&anchor))?;
    (!key.as_str().contains(EXAMPLE)).then(|| key.len())
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
