//! The mail that was sent to the local AWS, to be read by people and tests.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use mail_parser::{MessageParser, PartType};
use serde::{Deserialize, Serialize};

use crate::error::LocalError;
use crate::files::{private_folder, write_private};
use crate::http::{self, Client};

/// One message, as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The id that SES gave it.
    pub id: String,
    /// The sender's address.
    pub from: String,
    /// Recipients of the envelope that the message names.
    pub to: Vec<String>,
    /// Recipients of a copy.
    pub cc: Vec<String>,
    /// Recipients of the envelope that the message must not name.
    pub bcc: Vec<String>,
    /// Its subject, decoded.
    pub subject: String,
    /// Its plain text, `""` when it has none.
    pub text: String,
    /// Its HTML, `""` when it has none.
    pub html: String,
    /// The message itself (RFC 5322). `None` when SES was handed its parts and not a message.
    pub raw: Option<String>,
    /// When it was sent.
    pub at: Timestamp,
}

/// Where messages are kept as they were sent.
#[derive(Clone, Debug)]
pub struct Mailbox {
    folder: PathBuf,
    /// One of us at a time writes down what ministack tells.
    writing: Arc<Mutex<()>>,
}

/// The answer of `/_ministack/ses/messages`: messages by account.
#[derive(Deserialize)]
struct Messages {
    messages: std::collections::BTreeMap<String, Vec<Seen>>,
}

/// A message as ministack tells it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Seen {
    message_id: String,
    source: String,
    to: Vec<String>,
    #[serde(rename = "CC")]
    cc: Vec<String>,
    #[serde(rename = "BCC")]
    bcc: Vec<String>,
    subject: String,
    body_text: Option<String>,
    body_html: Option<String>,
    timestamp: f64,
}

impl Mailbox {
    /// The messages kept in that folder, which need not exist.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder, writing: Arc::default() }
    }

    /// Keeps a message under the id that SES gave it.
    pub fn keep(&self, id: &str, message: &[u8]) -> Result<(), LocalError> {
        private_folder(&self.folder)?;
        write_private(&self.path(id, "eml"), message)
    }

    /// All messages that the ministack at that endpoint knows or ever knew, the oldest first. It forgets them when
    /// it ends; what it tells is kept.
    pub async fn messages(&self, client: &Client, endpoint: &str) -> Result<Vec<Mail>, LocalError> {
        let (status, body) = http::get(client, endpoint, "/_ministack/ses/messages")
            .await
            .map_err(|error| LocalError::Answer { message: format!("mail: {error}") })?;
        let told: Messages = serde_json::from_slice(&body)
            .map_err(|error| LocalError::Answer { message: format!("mail: status {status}, {error}") })?;
        let mut mails = {
            let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
            let mut mails = self.kept();
            let known: BTreeSet<String> = mails.iter().map(|mail| mail.id.clone()).collect();
            for seen in told.messages.into_values().flatten().filter(|seen| !known.contains(&seen.message_id)) {
                let mail = self.read(seen);
                private_folder(&self.folder)?;
                write_private(&self.path(&mail.id, "json"), &serde_json::to_vec(&mail).expect("a mail is plain data"))?;
                mails.push(mail);
            }
            mails
        };
        mails.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        Ok(mails)
    }

    /// What was kept; a file that is no mail of ours is passed over.
    fn kept(&self) -> Vec<Mail> {
        let files = std::fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let texts = files.filter(|path| path.extension().is_some_and(|end| end == "json")).map(std::fs::read);
        texts.filter_map(|text| serde_json::from_slice(&text.ok()?).ok()).collect()
    }

    fn read(&self, seen: Seen) -> Mail {
        let raw = std::fs::read(self.path(&seen.message_id, "eml")).ok();
        let mut mail = Mail {
            from: seen.source,
            to: seen.to,
            cc: seen.cc,
            bcc: seen.bcc,
            subject: seen.subject,
            text: seen.body_text.unwrap_or_default(),
            html: seen.body_html.unwrap_or_default(),
            raw: raw.as_deref().map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
            at: Timestamp::from_microsecond((seen.timestamp * 1e6) as i64).unwrap_or_default(),
            id: seen.message_id,
        };
        if let Some(raw) = raw {
            fill_from(&mut mail, &raw);
        }
        mail
    }

    /// Ids are SES's own; whatever else stands in one cannot leave the folder.
    fn path(&self, id: &str, end: &str) -> PathBuf {
        let name: String = id
            .chars()
            .map(|each| if each.is_ascii_alphanumeric() || matches!(each, '-' | '@') { each } else { '_' })
            .collect();
        self.folder.join(format!("{name}.{end}"))
    }
}

/// What the message itself says better than ministack does: decoded, with every part.
fn fill_from(mail: &mut Mail, raw: &[u8]) {
    let Some(message) = MessageParser::default().parse(raw) else { return };
    let addresses = |header: Option<&mail_parser::Address<'_>>| {
        header
            .into_iter()
            .flat_map(mail_parser::Address::iter)
            .filter_map(|each| each.address())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    if mail.from.is_empty() {
        mail.from = addresses(message.from()).into_iter().next().unwrap_or_default();
    }
    // Without an envelope of its own a message goes to those it names.
    if mail.to.is_empty() && mail.cc.is_empty() && mail.bcc.is_empty() {
        (mail.to, mail.cc, mail.bcc) = (addresses(message.to()), addresses(message.cc()), addresses(message.bcc()));
    }
    mail.subject = message.subject().unwrap_or_default().to_owned();
    mail.text = message
        .text_bodies()
        .find_map(|part| if let PartType::Text(text) = &part.body { Some(text.to_string()) } else { None })
        .unwrap_or_default();
    mail.html = message
        .html_bodies()
        .find_map(|part| if let PartType::Html(html) = &part.body { Some(html.to_string()) } else { None })
        .unwrap_or_default();
}

#[cfg(test)]
mod tests;
