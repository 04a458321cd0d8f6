//! Captured mail. Nothing in a message is trusted: its text is escaped, its HTML is shown in a frame without scripts,
//! forms or network.

use super::Shown;
use super::html::{Page, cell, escape, escaped_part, table};
use crate::mail::Mail;

/// The page for a path below `base`: `/`, `/<id>`, `/<id>/raw`.
pub fn page(mails: &[Mail], base: &str, path: &str) -> Option<Shown> {
    let path = path.trim_start_matches('/');
    let (id, rest) = path.split_once('/').unwrap_or((path, ""));
    let id = super::html::unescaped(id);
    let found = mails.iter().find(|mail| mail.id == id);
    match (id.as_str(), found, rest) {
        ("", None, "") => Some(Shown::Page(list(mails, base))),
        (_, Some(mail), "") => Some(Shown::Page(message(mail, base))),
        (_, Some(Mail { raw: Some(raw), .. }), "raw") => Some(Shown::Text(raw.clone())),
        _ => None,
    }
}

/// A row of a list of mail.
pub fn row(base: &str) -> impl Fn(&Mail) -> Vec<String> {
    let base = base.to_owned();
    move |mail| {
        let to = mail.to.iter().chain(&mail.cc).chain(&mail.bcc).map(String::as_str).collect::<Vec<_>>().join(", ");
        let subject = escape(or_none(&mail.subject));
        vec![sent(mail), cell(&to), format!("<a href=\"{base}/{}\"><bdi>{subject}</bdi></a>", escaped_part(&mail.id))]
    }
}

/// The newest first.
fn list(mails: &[Mail], base: &str) -> Page {
    let rows: Vec<_> = mails.iter().rev().map(row(base)).collect();
    let nothing = "Nothing has been sent yet. Load this page again after something was.";
    Page::new("/mail/", "Mail", table("Mail", &["Sent", "To", "Subject"], &rows, nothing))
}

fn message(mail: &Mail, base: &str) -> Page {
    let line = |name: &str, value: &str| {
        if value.is_empty() { String::new() } else { format!("<dt>{name}</dt><dd>{}</dd>", cell(value)) }
    };
    let head = [
        line("From", &mail.from),
        line("To", &mail.to.join(", ")),
        line("Cc", &mail.cc.join(", ")),
        line("Bcc (envelope)", &mail.bcc.join(", ")),
        line("Sent", &sent(mail)),
    ];
    let part = |text: &str, shown: String| if text.is_empty() { String::new() } else { shown };
    let html = part(
        &mail.html,
        format!(
            "<h2>HTML</h2><iframe sandbox title=\"The message as HTML\" srcdoc=\"{}\"></iframe>",
            escape(&mail.html)
        ),
    );
    let text = part(&mail.text, format!("<h2>Text</h2><pre>{}</pre>", escape(&mail.text)));
    let raw = part(
        mail.raw.as_deref().unwrap_or_default(),
        format!("<p><a href=\"{base}/{}/raw\">The message itself</a></p>", escaped_part(&mail.id)),
    );
    let body = format!("<p><a href=\"{base}/\">All mail</a></p><dl>{}</dl>{html}{text}{raw}", head.concat());
    Page::new("/mail/", or_none(&mail.subject), body)
}

fn sent(mail: &Mail) -> String {
    mail.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

fn or_none(subject: &str) -> &str {
    if subject.is_empty() { "(no subject)" } else { subject }
}
