//! The forms in which a value could be written down, for tests that look where one stands.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::json;

/// The value itself, and as base64 (at any place of a longer text), hexadecimal, in an address and in JSON; what is base64
/// already also as the bytes that it stands for.
pub fn forms(value: &str) -> Vec<String> {
    let mut all = vec![value.to_owned(), in_address(value), json!(value).to_string().trim_matches('"').to_owned()];
    all.extend(of_bytes(value.as_bytes()));
    all.extend(URL_SAFE_NO_PAD.decode(value).into_iter().flat_map(|raw| of_bytes(&raw)));
    all.sort();
    all.dedup();
    all
}

fn of_bytes(bytes: &[u8]) -> Vec<String> {
    let hexadecimal = hex::encode(bytes);
    let shifted = (0..3).flat_map(|before| [inner(&STANDARD, bytes, before), inner(&URL_SAFE_NO_PAD, bytes, before)]);
    shifted.chain([hexadecimal.to_uppercase(), hexadecimal]).collect()
}

/// What base64 makes of the bytes after so many others, whatever those and the ones behind are.
fn inner(engine: &impl base64::Engine, bytes: &[u8], before: usize) -> String {
    let text = engine.encode([&[0; 2][..before], bytes].concat());
    let (first, end) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
    text[first..end].to_owned()
}

fn in_address(value: &str) -> String {
    let escaped = |each: u8| match each {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(each).to_string(),
        other => format!("%{other:02X}"),
    };
    value.bytes().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_however_it_was_written_down() {
        let value = "hun/ter2 \"quoted\" + more";
        let texts = [
            format!("key={value}"),
            STANDARD.encode(value),
            STANDARD.encode(format!("a{value}b")),
            URL_SAFE_NO_PAD.encode(format!("ab{value}")),
            hex::encode(value),
            hex::encode(value).to_uppercase(),
            "x=hun%2Fter2%20%22quoted%22%20%2B%20more".to_owned(),
            json!({ "key": value }).to_string(),
        ];
        for text in texts {
            assert!(forms(value).iter().any(|form| text.contains(form)), "{text}");
        }
        assert!(!forms(value).iter().any(|form| "something else".contains(form)));
    }

    #[test]
    fn what_is_base64_already_is_found_as_its_bytes() {
        let value = URL_SAFE_NO_PAD.encode([7; 32]);
        assert!(forms(&value).contains(&"07".repeat(32)));
    }
}
