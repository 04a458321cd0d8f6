//! The one mail to the administrator about all sails that need one: without a captain, or with waivers on hold.

use functions_shared::mail::{Address, Message, MessageKey, header_text};
use functions_shared::sail::Sail;
use functions_shared::{sun, zone};
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};
use serde::Serialize;

/// What a digest is made of.
pub struct Digest<'a> {
    /// The sails in the order of departure, each with what it needs; one at least.
    pub sails: &'a [Needy<'a>],
    /// Earlier mails of which nobody knows whether they went out; counted up to 100.
    pub unknown: usize,
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

/// A sail and what it needs of the administrator: one of both at least.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needy<'a> {
    /// The sail.
    pub sail: &'a Sail,
    /// Whether it has no captain.
    pub captain: bool,
    /// How many waivers are on hold.
    pub holds: usize,
}

/// The digest as the templates see it.
#[derive(Serialize)]
struct Page<'a> {
    subject: &'a str,
    sails: Vec<Entry>,
    unknown: usize,
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
    captain: bool,
    holds: usize,
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
        unknown: digest.unknown,
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

fn subject(sails: &[Needy<'_>]) -> String {
    let captain = sails.iter().any(|needy| needy.captain);
    let holds = sails.iter().any(|needy| needy.holds > 0);
    let what = match (captain, holds) {
        (true, false) => "No captain yet",
        (false, _) => "Waivers on hold",
        (true, true) => "No captain yet, waivers on hold",
    };
    match sails {
        [Needy { sail, .. }] => format!("{what}: {}, {}", header_text(&sail.title), zone::words(sail.departs_at)),
        _ => format!("{what}: {} sails in the next 48 hours", sails.len()),
    }
}

/// Titles become one line: in the text form a line break could pass for a sail of its own.
fn entry(needy: &Needy<'_>) -> Entry {
    let Needy { sail, captain, holds } = *needy;
    let sun = sun::times(zone::date_of(sail.departs_at));
    Entry {
        title: header_text(&sail.title),
        vessel: header_text(&sail.vessel),
        departs: zone::words(sail.departs_at),
        returns: zone::words(sail.returns_at),
        sunset: sun.map_or_else(|| "unknown".to_owned(), |times| zone::words(times.sunset)),
        captain,
        holds,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use functions_shared::testing::sail;

    fn written(sails: &[Needy<'_>], unknown: usize, site_url: Option<&str>) -> Message {
        let address = |text: &str| text.parse::<Address>().expect("an address");
        message(Digest {
            sails,
            unknown,
            site_url,
            from: &address("admin@example.com"),
            to: &address("office@example.com"),
            key: "key".parse().expect("a key"),
            now: Timestamp::UNIX_EPOCH,
        })
        .expect("the templates are sound")
    }

    fn digest(sails: &[Sail], site_url: Option<&str>) -> Message {
        let needy: Vec<Needy<'_>> = sails.iter().map(|sail| Needy { sail, captain: true, holds: 0 }).collect();
        written(&needy, 0, site_url)
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
               sunset  Sun 22 Nov 2026, 16:44 PST\n  \
               No captain yet.\n\
             \n\
             Times are San Diego's.\n\
             \n\
             See to it: https://crew.example.com\n\
             \n\
             You get this once for a sail in 12 hours."
        );
    }

    #[test]
    fn each_sail_says_what_it_needs_and_unknown_mails_are_told_where_there_are_any() {
        let sails = ["a", "b", "c"].map(|key| sail(key, "2026-11-22T23:30:00Z"));
        let needs = [(true, 0), (false, 2), (true, 1)];
        let needy: Vec<Needy<'_>> =
            sails.iter().zip(needs).map(|(sail, (captain, holds))| Needy { sail, captain, holds }).collect();
        let message = written(&needy, 1, None);
        assert_eq!(message.subject, "No captain yet, waivers on hold: 3 sails in the next 48 hours");
        for part in [&message.text, &message.html] {
            assert_eq!(part.matches("No captain yet.").count(), 2, "{part}");
            assert!(part.contains("Waivers on hold: 2") && part.contains("Waivers on hold: 1"), "{part}");
            assert!(part.contains("no known outcome: 1"), "{part}");
        }
        let held = written(&needy[1..2], 0, None);
        assert_eq!(held.subject, "Waivers on hold: Sail b, Sun 22 Nov 2026, 15:30 PST");
        assert!(!held.text.contains("captain") && !held.text.contains("outcome"), "{}", held.text);
    }

    #[test]
    fn every_sail_is_in_both_forms_and_the_link_only_where_it_is_known() {
        let sails = ["a", "b"].map(|key| sail(key, "2026-11-22T23:30:00Z"));
        let message = digest(&sails, None);
        assert_eq!(message.subject, "No captain yet: 2 sails in the next 48 hours");
        for part in [&message.text, &message.html] {
            assert!(part.contains("Sail a") && part.contains("Sail b"));
            assert!(!part.contains("See to it"));
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
