//! Captured mail as pages for a browser. Nothing in a message is trusted: its text is escaped, its HTML
//! is shown in a frame without scripts, forms or network.

use hyper::header::{CONTENT_SECURITY_POLICY, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};

use super::Mail;
use crate::http::{self, Body};

/// Styles and pictures that a message brings itself are all that is loaded; the frame inherits it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1d2733;background:#fff}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.4rem .8rem .4rem 0;border-bottom:1px solid #dde3ea;vertical-align:top}th[scope=row]{width:1%;white-space:nowrap}\
pre{white-space:pre-wrap;background:#f5f7f9;padding:1rem;border-radius:.3rem}iframe{width:100%;height:70vh;border:1px solid #dde3ea;border-radius:.3rem}a{color:#0b5cad}";

/// The answer for a path: `/`, `/<id>`, `/<id>/raw`.
pub fn answer(mails: &[Mail], path: &str) -> Response<Body> {
    let (id, rest) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    let found = mails.iter().find(|mail| mail.id == id);
    let mut response = match (id, found, rest) {
        ("", None, "") => html(StatusCode::OK, "Mail", &list(mails)),
        (_, Some(mail), "") => html(StatusCode::OK, &mail.subject, &message(mail)),
        (_, Some(Mail { raw: Some(raw), .. }), "raw") => {
            http::answer(StatusCode::OK, "text/plain; charset=utf-8", raw.clone())
        }
        _ => html(StatusCode::NOT_FOUND, "No such mail", "<h1>No such mail</h1><p><a href=\"/\">All mail</a></p>"),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cache-control"), HeaderValue::from_static("no-store"));
    response
}

fn html(status: StatusCode, title: &str, body: &str) -> Response<Body> {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{}</title><style>{STYLE}</style><body>{body}</body></html>",
        escape(title)
    );
    http::answer(status, "text/html; charset=utf-8", page)
}

/// The newest first.
fn list(mails: &[Mail]) -> String {
    if mails.is_empty() {
        return "<h1>Mail</h1><p>Nothing has been sent yet. Load this page again after something was.</p>".to_owned();
    }
    let row = |mail: &Mail| {
        let (id, at, to, subject) = (
            escape(&mail.id),
            mail.at.strftime("%Y-%m-%d %H:%M:%S UTC"),
            escape(&recipients(mail)),
            escape(or_none(&mail.subject)),
        );
        format!("<tr><td>{at}</td><td>{to}</td><td><a href=\"/{id}\"><bdi>{subject}</bdi></a></td></tr>")
    };
    format!(
        "<h1>Mail</h1><table><tr><th>Sent</th><th>To</th><th>Subject</th></tr>{}</table>",
        mails.iter().rev().map(row).collect::<String>()
    )
}

fn message(mail: &Mail) -> String {
    let line = |name: &str, value: &str| {
        if value.is_empty() {
            String::new()
        } else {
            format!("<tr><th scope=\"row\">{name}</th><td><bdi>{}</bdi></td></tr>", escape(value))
        }
    };
    let head = [
        line("From", &mail.from),
        line("To", &mail.to.join(", ")),
        line("Cc", &mail.cc.join(", ")),
        line("Bcc (envelope)", &mail.bcc.join(", ")),
        line("Sent", &mail.at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()),
    ];
    let html = if mail.html.is_empty() {
        String::new()
    } else {
        format!(
            "<h2>HTML</h2><iframe sandbox title=\"The message as HTML\" srcdoc=\"{}\"></iframe>",
            escape(&mail.html)
        )
    };
    let text =
        if mail.text.is_empty() { String::new() } else { format!("<h2>Text</h2><pre>{}</pre>", escape(&mail.text)) };
    let raw = if mail.raw.is_some() {
        format!("<p><a href=\"/{}/raw\">The message itself</a></p>", escape(&mail.id))
    } else {
        String::new()
    };
    format!(
        "<p><a href=\"/\">All mail</a></p><h1><bdi>{}</bdi></h1><table>{}</table>{html}{text}{raw}",
        escape(or_none(&mail.subject)),
        head.concat()
    )
}

fn recipients(mail: &Mail) -> String {
    mail.to.iter().chain(&mail.cc).chain(&mail.bcc).map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn or_none(subject: &str) -> &str {
    if subject.is_empty() { "(no subject)" } else { subject }
}

/// Text as it may stand in HTML, in an attribute too.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
