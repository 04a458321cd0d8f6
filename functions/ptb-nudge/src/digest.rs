//! The one mail about all sails that lack a captain.

use functions_shared::mail::{Address, Message, MessageKey, header_text};
use functions_shared::sail::Sail;
use functions_shared::{sun, zone};
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};
use serde::Serialize;

/// What a digest is made of.
pub struct Digest<'a> {
    /// The sails without a captain, in the order of departure; one at least.
    pub sails: &'a [Sail],
    /// What else waits for the administrator.
    pub troubles: Troubles,
    /// The site's public address, if it is known.
    pub site_url: Option<&'a str>,
    /// Who writes.
    pub from: &'a Address,
    /// Who reads.
    pub to: &'a Address,
    /// Our name for the mail.
    pub key: MessageKey,
    /// When it is written.
    pub now: Timestamp,
}

/// What waits for the administrator, in numbers.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Troubles {
    /// Waivers on hold of the sails about now.
    pub holds: usize,
    /// Earlier mails of which nobody knows whether they went out.
    pub unknown: usize,
}

/// The digest as the templates see it.
#[derive(Serialize)]
struct Page<'a> {
    subject: &'a str,
    sails: Vec<Entry>,
    troubles: Troubles,
    site_url: Option<&'a str>,
}

/// A sail as the templates see it.
#[derive(Serialize)]
struct Entry {
    title: String,
    vessel: String,
    departs: String,
    returns: String,
    sunset: String,
}

/// Writes the mail. Templates that end in `.html` escape everything that is put in.
pub fn message(digest: Digest<'_>) -> Result<Message, Error> {
    let subject = subject(digest.sails);
    let mut templates = Environment::new();
    templates.add_template("nudge.txt", include_str!("../templates/nudge.txt"))?;
    templates.add_template("nudge.html", include_str!("../templates/nudge.html"))?;
    let page = Value::from(Serde(Page {
        subject: &subject,
        sails: digest.sails.iter().map(entry).collect(),
        troubles: digest.troubles,
        site_url: digest.site_url,
    }));
    Ok(Message {
        from: digest.from.clone(),
        to: vec![digest.to.clone()],
        bcc: Vec::new(),
        reply_to: None,
        text: templates.get_template("nudge.txt")?.render(&page)?,
        html: templates.get_template("nudge.html")?.render(&page)?,
        pictures: Vec::new(),
        list: None,
        subject,
        key: digest.key,
        dated: digest.now,
    })
}

fn subject(sails: &[Sail]) -> String {
    match sails {
        [sail] => format!("No captain yet: {}, {}", header_text(&sail.title), zone::words(sail.departs_at)),
        _ => format!("No captain yet: {} sails in the next 48 hours", sails.len()),
    }
}

/// Titles become one line: in the text form a line break could pass for a sail of its own.
fn entry(sail: &Sail) -> Entry {
    let sun = sun::times(zone::date_of(sail.departs_at));
    Entry {
        title: header_text(&sail.title),
        vessel: header_text(&sail.vessel),
        departs: zone::words(sail.departs_at),
        returns: zone::words(sail.returns_at),
        sunset: sun.map_or_else(|| "unknown".to_owned(), |times| zone::words(times.sunset)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use functions_shared::testing::sail;

    fn digest(sails: &[Sail], site_url: Option<&str>) -> Message {
        let address = |text: &str| text.parse::<Address>().expect("an address");
        message(Digest {
            sails,
            troubles: Troubles::default(),
            site_url,
            from: &address("admin@example.com"),
            to: &address("office@example.com"),
            key: "key".parse().expect("a key"),
            now: Timestamp::UNIX_EPOCH,
        })
        .expect("the templates are sound")
    }

    #[test]
    fn the_text_is_readable() {
        let sails = [sail("evening", "2026-11-22T23:30:00Z")];
        let message = digest(&sails, Some("https://crew.example.com"));
        assert_eq!(message.subject, "No captain yet: Sail evening, Sun 22 Nov 2026, 15:30 PST");
        assert_eq!(
            message.text,
            "No captain yet: Sail evening, Sun 22 Nov 2026, 15:30 PST\n\
             \n\
             - Sail evening (Jada)\n  \
               leaves  Sun 22 Nov 2026, 15:30 PST\n  \
               returns Sun 22 Nov 2026, 17:30 PST\n  \
               sunset  Sun 22 Nov 2026, 16:44 PST\n\
             \n\
             Times are San Diego's.\n\
             \n\
             Name a captain: https://crew.example.com\n\
             \n\
             You get this once for a sail in 12 hours."
        );
    }

    #[test]
    fn holds_and_unknown_mails_are_told_where_there_are_any() {
        let address = |text: &str| text.parse::<Address>().expect("an address");
        let message = message(Digest {
            sails: &[sail("evening", "2026-11-22T23:30:00Z")],
            troubles: Troubles { holds: 2, unknown: 1 },
            site_url: None,
            from: &address("admin@example.com"),
            to: &address("office@example.com"),
            key: "key".parse().expect("a key"),
            now: Timestamp::UNIX_EPOCH,
        });
        let message = message.expect("the templates are sound");
        for part in [&message.text, &message.html] {
            assert!(part.contains("Waivers on hold: 2") && part.contains("no known outcome: 1"), "{part}");
        }
    }

    #[test]
    fn every_sail_is_in_both_forms_and_the_link_only_where_it_is_known() {
        let sails = ["a", "b"].map(|key| sail(key, "2026-11-22T23:30:00Z"));
        let message = digest(&sails, None);
        assert_eq!(message.subject, "No captain yet: 2 sails in the next 48 hours");
        for part in [&message.text, &message.html] {
            assert!(part.contains("Sail a") && part.contains("Sail b"));
            assert!(!part.contains("Name a captain"));
        }
    }

    #[test]
    fn what_people_wrote_is_escaped_in_html_and_one_line_in_text() {
        let mut hostile = sail("evening", "2026-11-22T23:30:00Z");
        hostile.title = "<script>alert(1)</script>\r\nBcc: x@y.org\n- Fake".to_owned();
        hostile.vessel = "\"><img src=x onerror=1>".to_owned();
        let message = digest(&[hostile], Some("https://a.example/?a=1&b=\"2"));
        assert!(!message.html.contains("<script>") && !message.html.contains("<img"));
        assert!(message.html.contains("&lt;script&gt;"));
        assert!(message.html.contains("b=&quot;2"), "{}", message.html);
        assert!(!message.subject.contains(['\r', '\n']));
        assert!(!message.text.contains("\n- Fake"));
    }
}
