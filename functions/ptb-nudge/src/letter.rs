//! The mail to one person, with everything that is missing.

use functions_shared::mail::{Address, Message, MessageKey, header_text};
use functions_shared::person::Person;
use functions_shared::sail::Role;
use functions_shared::zone;
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};
use serde::Serialize;

use crate::missing::{Missing, What};

/// What a letter is made of.
pub struct Letter<'a> {
    /// Who reads.
    pub person: &'a Person,
    /// What is missing, in the order of departure; one sail at least.
    pub missing: &'a [Missing<'a>],
    /// The site's public address, if it is known.
    pub site_url: Option<&'a str>,
    /// Who writes.
    pub from: &'a Address,
    /// Our name for the mail.
    pub key: MessageKey,
    /// When it is written.
    pub now: Timestamp,
}

#[derive(Serialize)]
struct Page<'a> {
    subject: &'a str,
    name: String,
    sails: Vec<Entry>,
    site_url: Option<&'a str>,
}

#[derive(Serialize)]
struct Entry {
    title: String,
    departs: String,
    lines: Vec<String>,
}

/// Writes the mail. Templates that end in `.html` escape everything that is put in.
pub fn message(letter: Letter<'_>) -> Result<Message, Error> {
    let subject = subject(letter.missing);
    let mut templates = Environment::new();
    templates.add_template("letter.txt", include_str!("../templates/letter.txt"))?;
    templates.add_template("letter.html", include_str!("../templates/letter.html"))?;
    let page = Value::from(Serde(Page {
        subject: &subject,
        name: letter.person.name.as_str().to_owned(),
        sails: letter.missing.iter().map(entry).collect(),
        site_url: letter.site_url,
    }));
    Ok(Message {
        from: letter.from.clone(),
        to: vec![letter.person.email.clone()],
        bcc: Vec::new(),
        reply_to: None,
        list: None,
        pictures: Vec::new(),
        text: templates.get_template("letter.txt")?.render(&page)?,
        html: templates.get_template("letter.html")?.render(&page)?,
        subject,
        key: letter.key,
        dated: letter.now,
    })
}

fn subject(missing: &[Missing<'_>]) -> String {
    let off = missing.iter().filter(|each| each.what == What::CalledOff).count();
    match (missing, off) {
        ([one], _) => {
            let what = if off == 1 { "Called off: " } else { "" };
            format!("{what}{}, {}", header_text(&one.sail.title), zone::words(one.sail.departs_at))
        }
        (all, 0) => format!("{} sails need you", all.len()),
        (all, off) if off == all.len() => format!("Called off: {off} sails"),
        (all, off) => format!("Called off: {off} of {} sails", all.len()),
    }
}

/// Titles and texts become one line: in the text form a line break could pass for an entry of its own.
fn entry(missing: &Missing<'_>) -> Entry {
    let lines = match &missing.what {
        What::CalledOff => vec!["Called off: it does not take place".to_owned()],
        What::ToDo { waiver, entries, open } => {
            let sign = waiver.then(|| "Sign the waiver".to_owned());
            let due =
                |(text, due_at): &(&str, Timestamp)| format!("{}, by {}", header_text(text), zone::words(*due_at));
            let open = open.iter().map(|role| format!("Open: {}", words(*role)));
            sign.into_iter().chain(entries.iter().map(due)).chain(open).collect()
        }
    };
    Entry { title: header_text(&missing.sail.title), departs: zone::words(missing.sail.departs_at), lines }
}

fn words(role: Role) -> &'static str {
    match role {
        Role::Captain => "Captain",
        Role::FirstOfficer => "First Officer",
        Role::Deckhand => "Deckhand",
        Role::Steward => "Steward",
        Role::Chef => "Chef",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use functions_shared::person::Grant;
    use functions_shared::testing::{person, sail};

    #[test]
    fn nobody_is_said_to_be_needed_on_a_sail_that_is_called_off() {
        let sails = ["a", "b", "c"].map(|key| sail(key, "2026-11-22T23:30:00Z"));
        let told = |off: &[bool]| {
            let what = |off: bool| match off {
                true => What::CalledOff,
                false => What::ToDo { waiver: true, entries: Vec::new(), open: Vec::new() },
            };
            let missing: Vec<_> = sails.iter().zip(off).map(|(sail, off)| Missing { sail, what: what(*off) }).collect();
            subject(&missing)
        };
        for (off, subject) in [
            (&[true][..], "Called off: Sail a, Sun 22 Nov 2026, 15:30 PST"),
            (&[false], "Sail a, Sun 22 Nov 2026, 15:30 PST"),
            (&[false, false], "2 sails need you"),
            (&[true, true], "Called off: 2 sails"),
            (&[true, false, false], "Called off: 1 of 3 sails"),
        ] {
            assert_eq!(told(off), subject);
        }
    }

    #[test]
    fn everything_that_is_missing_is_in_both_forms_and_nothing_is_markup() {
        let mut evening = sail("evening", "2026-11-22T23:30:00Z");
        evening.title = "<b>Evening</b>\r\nBcc: x@y.org".to_owned();
        let due: Timestamp = "2026-11-22T22:00:00Z".parse().expect("a moment");
        let missing = [Missing {
            sail: &evening,
            what: What::ToDo { waiver: true, entries: vec![("Check <the> fuel", due)], open: vec![Role::FirstOfficer] },
        }];
        let letter = Letter {
            person: &person("Robin", &[Grant::Crew]),
            missing: &missing,
            site_url: Some("https://crew.example.com/"),
            from: &"admin@example.com".parse().expect("an address"),
            key: "key".parse().expect("a key"),
            now: Timestamp::UNIX_EPOCH,
        };
        let message = message(letter).expect("the templates are sound");
        assert_eq!(
            message.text,
            "Hello Robin,\n\
             \n\
             <b>Evening</b> Bcc: x@y.org, Sun 22 Nov 2026, 15:30 PST\n\
             - Sign the waiver\n\
             - Check <the> fuel, by Sun 22 Nov 2026, 14:00 PST\n\
             - Open: First Officer\n\
             \n\
             Times are San Diego's.\n\
             \n\
             Look at your sails: https://crew.example.com/\n\
             \n\
             You get this once for a sail in 12 hours."
        );
        assert!(message.html.contains("&lt;b&gt;Evening") && message.html.contains("Check &lt;the&gt; fuel"));
        assert!(!message.html.contains("<b>Evening"));
        assert_eq!(message.to, [person("Robin", &[]).email]);
        assert!(!message.subject.contains(['\r', '\n']));
    }
}
