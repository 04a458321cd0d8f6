//! The mail with a link, and with a code for the browser that waits.

use functions_shared::config::WebAddress;
use functions_shared::mail::{Address, Message, MessageKey};
use functions_shared::parameters::ParameterValue;
use functions_shared::person::Person;
use functions_shared::zone;
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use crate::challenges::{Challenge, ChallengeId, Code, LinkToken, digest};

/// What a letter is made of.
pub struct Letter<'a> {
    /// Who reads.
    pub person: &'a Person,
    /// Why it is written.
    pub challenge: &'a Challenge,
    /// For the link.
    pub token: &'a LinkToken,
    /// For the browser that waits.
    pub code: Option<&'a Code>,
    /// Where the link leads.
    pub site: &'a WebAddress,
}

/// The letter as the templates see it.
#[derive(Serialize)]
struct Page<'a> {
    subject: &'a str,
    name: &'a str,
    invited: bool,
    link: String,
    code: Option<String>,
    until: String,
}

/// Our name for the mail: it tells nothing of the challenge.
pub fn key(key: &ParameterValue, id: &ChallengeId) -> Option<MessageKey> {
    format!("sign-in-{}", digest(key, "message", &[id.as_str()]).as_str()).parse().ok()
}

/// The mail. The token is in the link's fragment, which no server sees and no log keeps. `None`: the templates are
/// unsound.
pub fn message(letter: &Letter<'_>, from: &Address, key: MessageKey, now: Timestamp) -> Option<Message> {
    let subject = match letter.challenge.is_sign_in() {
        true => "Your link to Ship Captain Crew",
        false => "You are invited to Ship Captain Crew",
    };
    let page = Value::from(Serde(Page {
        subject,
        name: letter.person.name.as_str(),
        invited: !letter.challenge.is_sign_in(),
        link: format!("{}/sign-in#token={}", letter.site.origin(), letter.token.words()),
        code: letter.code.map(Code::words),
        until: zone::words(letter.challenge.expires_at()),
    }));
    let mut templates = Environment::new();
    templates.add_template("sign-in.txt", include_str!("../templates/sign-in.txt")).ok()?;
    templates.add_template("sign-in.html", include_str!("../templates/sign-in.html")).ok()?;
    Some(Message {
        from: from.clone(),
        to: vec![letter.person.email.clone()],
        bcc: Vec::new(),
        reply_to: None,
        subject: subject.to_owned(),
        text: templates.get_template("sign-in.txt").ok()?.render(&page).ok()?,
        html: templates.get_template("sign-in.html").ok()?.render(&page).ok()?,
        pictures: Vec::new(),
        list: None,
        key,
        dated: now,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::challenges::Purpose;
    use functions_shared::person::Grant;
    use functions_shared::testing::person;

    fn letter(name: &str, purpose: Purpose) -> (Message, String, String) {
        let mut person = person("Robin", &[Grant::Crew]);
        person.name = name.parse().expect("a name");
        let id = ChallengeId::new().expect("random bytes");
        let (token, code) = (LinkToken::new(&id).expect("bytes"), Code::new().expect("bytes"));
        let challenge = Challenge { email: person.email.clone(), purpose, opened_at: Timestamp::UNIX_EPOCH };
        let letter = Letter {
            person: &person,
            challenge: &challenge,
            token: &token,
            code: Some(&code).filter(|_| purpose == Purpose::SignIn),
            site: &"https://crew.example.com/".parse().expect("an address"),
        };
        let from = "crew@example.com".parse().expect("an address");
        let key = "key".parse().expect("a key");
        let message = message(&letter, &from, key, Timestamp::UNIX_EPOCH).expect("sound templates");
        (message, token.words(), code.words())
    }

    #[test]
    fn who_asked_gets_a_link_whose_token_is_in_the_fragment_and_a_code() {
        let (message, token, code) = letter("Robin", Purpose::SignIn);
        let link = format!("https://crew.example.com/sign-in#token={token}");
        for part in [&message.text, &message.html] {
            assert!(
                part.contains(&link) && part.contains(&code) && part.contains("Thu 1 Jan 1970, 16:00 PST"),
                "{part}"
            );
        }
        assert!(!message.subject.contains(&code) && !message.subject.contains(&token));
    }

    #[test]
    fn who_is_invited_gets_a_link_alone() {
        let (message, token, code) = letter("Robin", Purpose::Invitation);
        assert!(message.text.contains(&token) && !message.text.contains(&code) && !message.html.contains(&code));
    }

    #[test]
    fn a_name_never_becomes_markup_or_a_header() {
        let (message, ..) = letter("<script>alert(1)</script> {{ link }}", Purpose::SignIn);
        assert!(!message.html.contains("<script>") && message.html.contains("&lt;script&gt;"));
        assert!(message.text.contains("{{ link }}"));
        assert!(!message.subject.contains("script"));
    }
}
