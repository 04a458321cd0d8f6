//! The mail that is sent while somebody works, and where its links lead.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use deployer_local::mail::Mail;

use crate::render::plain;

/// Most links of one mail that are shown.
const MOST_LINKS: usize = 8;

/// The mail as lines for a person. `served`: addresses of the product, and where the same is served as it is now.
pub fn told(mail: &Mail, served: &BTreeMap<String, String>) -> String {
    let to = mail.to.iter().chain(&mail.cc).chain(&mail.bcc).map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut text = plain(&format!("\"{}\" to {to}", mail.subject)).replace('\n', " ");
    for link in links(&mail.text).into_iter().take(MOST_LINKS) {
        let _ = write!(text, "\n  {}", plain(&led(link, served)));
    }
    text
}

/// The addresses of the web in a text, each once.
fn links(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for word in text.split(|each: char| each.is_whitespace() || matches!(each, '<' | '>' | '"' | '(' | ')')) {
        let link = word.trim_end_matches(['.', ',', ';', ':', '!', '?']);
        if (link.starts_with("http://") || link.starts_with("https://")) && !found.contains(&link) {
            found.push(link);
        }
    }
    found
}

/// A link to the product, as it is served now.
fn led(link: &str, served: &BTreeMap<String, String>) -> String {
    let fits =
        |origin: &str| link.strip_prefix(origin).filter(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    let found = served.iter().find_map(|(origin, now)| Some(format!("{now}{}", fits(origin.trim_end_matches('/'))?)));
    found.unwrap_or_else(|| link.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, text: &str) -> Mail {
        Mail {
            id: "1".into(),
            from: "crew@example.com".into(),
            to: vec!["cleo@example.com".into()],
            cc: Vec::new(),
            bcc: Vec::new(),
            subject: subject.into(),
            text: text.into(),
            html: String::new(),
            raw: None,
            at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn links_to_the_product_lead_to_where_it_is_served_now_and_others_stay() {
        let served =
            BTreeMap::from([("http://e1.cloudfront.localhost:4567".to_owned(), "http://localhost:5173".to_owned())]);
        let text = "Hello.\nhttp://e1.cloudfront.localhost:4567/arrive#token=abc.\nSee <https://example.com/a>, \
                    http://e1.cloudfront.localhost:45678/x and http://e1.cloudfront.localhost:4567/arrive#token=abc";
        assert_eq!(
            told(&mail("Your link", text), &served),
            "\"Your link\" to cleo@example.com\n  http://localhost:5173/arrive#token=abc\n  https://example.com/a\n  http://e1.cloudfront.localhost:45678/x"
        );
    }

    #[test]
    fn a_mail_cannot_steer_the_terminal() {
        let told = told(&mail("a\u{1b}[2J\nb", "http://x/\u{202e}"), &BTreeMap::new());
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
    }
}
