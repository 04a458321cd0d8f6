//! A message as the bytes that go over the wire.

use std::io;

use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address as Mailbox;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::{BodyPart, MimePart};

use super::{Address, Message, Picture, header_text};

/// The header with our own name for a message.
pub const KEY_HEADER: &str = "X-Message-Key";

/// The message as MIME: `multipart/alternative` of text and HTML, the HTML with its pictures. BCC is not in it.
pub fn compose(message: &Message) -> io::Result<Vec<u8>> {
    let key = message.key.as_str();
    let mut builder = MessageBuilder::new()
        .from(mailbox(&message.from))
        .to(Mailbox::new_list(message.to.iter().map(mailbox).collect()))
        .subject(header_text(&message.subject))
        .date(message.dated.as_second())
        .message_id(format!("{key}@{}", message.from.domain()))
        .header(KEY_HEADER, Raw::new(key))
        // Asks mail programs for no out-of-office answers.
        .header("Auto-Submitted", Raw::new("auto-generated"))
        .body(MimePart::new("multipart/alternative", vec![text_part("text/plain", &message.text), html(message)]));
    if let Some(reply_to) = &message.reply_to {
        builder = builder.reply_to(mailbox(reply_to));
    }
    if let Some(list) = &message.list {
        builder = builder.header("List-Id", Raw::new(list.header()));
    }
    builder.write_to_vec()
}

/// The HTML, in one part with its pictures where it has some.
fn html(message: &Message) -> MimePart<'_> {
    let html = text_part("text/html", &message.html);
    if message.pictures.is_empty() {
        return html;
    }
    let parts: Vec<_> = std::iter::once(html).chain(message.pictures.iter().map(picture)).collect();
    MimePart::new("multipart/related", parts)
}

fn picture(picture: &Picture) -> MimePart<'_> {
    MimePart::new("image/png", picture.png.clone()).inline().cid(picture.id.as_str())
}

fn text_part<'a>(content_type: &'static str, text: &'a str) -> MimePart<'a> {
    MimePart::new(content_type, BodyPart::Text(text.into()))
}

fn mailbox(address: &Address) -> Mailbox<'_> {
    Mailbox::new_address(None::<&str>, address.as_str())
}

#[cfg(test)]
mod tests {
    use mail_parser::{MessageParser, MimeHeaders as _};
    use proptest::prelude::*;

    use super::*;

    fn message(subject: &str) -> Message {
        let address = |text: &str| text.parse::<Address>().expect("an address");
        Message {
            from: address("admin@queenofsandiego.com"),
            to: vec![address("one@example.com"), address("two@example.com")],
            bcc: vec![address("audit@example.com")],
            reply_to: Some(address("office@example.com")),
            subject: subject.to_owned(),
            text: "Grüße an Bord,\n.\nFrom the crew\n".to_owned(),
            html: format!("<p>Grüße</p>{}", "<td>x</td>".repeat(300)),
            pictures: Vec::new(),
            list: None,
            key: "report-ceo-1".parse().expect("a key"),
            dated: "2026-11-21T08:00:00Z".parse().expect("a moment"),
        }
    }

    fn header_names(bytes: &[u8]) -> Vec<String> {
        let parsed = MessageParser::new().parse(bytes).expect("a message");
        let names = parsed.headers_raw().map(|(name, _)| name.to_ascii_lowercase());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_message_reads_back_as_written() {
        let message = message("Report — 21 November");
        let bytes = compose(&message).expect("bytes");
        let parsed = MessageParser::new().parse(&bytes).expect("a message");
        assert_eq!(parsed.subject(), Some("Report — 21 November"));
        assert_eq!(parsed.header_raw(KEY_HEADER).map(str::trim), Some("report-ceo-1"));
        let to: Vec<_> = parsed.to().expect("To").iter().filter_map(|a| a.address()).collect();
        assert_eq!(to, ["one@example.com", "two@example.com"]);
        let text = parsed.body_text(0).expect("text").replace("\r\n", "\n");
        assert_eq!(text, message.text);
        assert_eq!(parsed.body_html(0).expect("HTML"), message.html);
        let content_type = parsed.header_raw("Content-Type").expect("a type");
        assert!(content_type.contains("multipart/alternative"), "{content_type}");
    }

    #[test]
    fn a_picture_stands_beside_the_html_that_shows_it() {
        let png = vec![0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 255];
        let mut message = message("Report");
        message.pictures = vec![Picture { id: "chart-1".to_owned(), png: png.clone() }];
        message.list = super::super::List::of(&message.from, "ceo.reports", "CEO report");
        let bytes = compose(&message).expect("bytes");
        let parsed = MessageParser::new().parse(&bytes).expect("a message");
        let kinds: Vec<String> = parsed
            .parts
            .iter()
            .filter_map(|part| part.content_type())
            .map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or_default()))
            .collect();
        assert_eq!(kinds, ["multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"]);
        let picture = parsed.attachments().next().expect("a picture");
        assert_eq!((picture.content_id(), picture.contents()), (Some("chart-1"), png.as_slice()));
        assert_eq!(
            parsed.header_raw("List-Id").map(str::trim),
            Some("\"CEO report\" <ceo.reports.queenofsandiego.com>")
        );
        assert_eq!(parsed.body_html(0).expect("HTML"), message.html);
    }

    #[test]
    fn the_hidden_copy_is_in_no_byte() {
        let bytes = compose(&message("Report")).expect("bytes");
        assert!(!header_names(&bytes).contains(&"bcc".to_owned()));
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(!text.contains("audit@example.com"));
    }

    #[test]
    fn no_line_of_the_message_is_too_long_or_outside_ascii() {
        let bytes = compose(&message("Ü".repeat(150).as_str())).expect("bytes");
        let text = String::from_utf8(bytes).expect("ASCII");
        assert!(text.is_ascii());
        assert!(text.split("\r\n").all(|line| line.len() <= 998 && !line.contains('\n')));
    }

    #[test]
    fn hostile_subjects_make_no_header() {
        let expected = header_names(&compose(&message("plain")).expect("bytes"));
        for break_ in ["\r\n", "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\0"] {
            let hostile = format!("Sail{break_}Bcc: victim@example.com{break_}{break_}<p>body");
            let bytes = compose(&message(&hostile)).expect("bytes");
            assert_eq!(header_names(&bytes), expected, "{break_:?}");
            let parsed = MessageParser::new().parse(&bytes).expect("a message");
            let subject = parsed.subject().expect("a subject");
            assert_eq!(subject, "Sail Bcc: victim@example.com <p>body");
        }
    }

    proptest! {
        #[test]
        fn any_subject_makes_the_same_headers(subject in any::<String>()) {
            let expected = header_names(&compose(&message("plain")).expect("bytes"));
            let bytes = compose(&message(&subject)).expect("bytes");
            prop_assert_eq!(header_names(&bytes), expected);
        }
    }
}
