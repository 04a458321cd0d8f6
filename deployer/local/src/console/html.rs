//! Pages: one form, one style, everything escaped.

use std::fmt::Write as _;

/// Legible in light and dark, on a phone and on a wide screen.
const STYLE: &str = include_str!("style.css");
/// Where the pages are.
const PLACES: [(&str, &str); 5] = [
    ("/", "Stacks"),
    ("/functions", "Functions"),
    ("/tables", "Tables"),
    ("/parameters", "Parameters"),
    ("/mail/", "Mail"),
];

/// A page.
pub struct Page {
    title: String,
    body: String,
    /// Which of the places it belongs to; absent: the places are not shown.
    place: Option<&'static str>,
    /// How often a browser loads it again, in seconds; absent: when it is asked to.
    every_seconds: Option<u32>,
}

impl Page {
    /// A page of a place, such as `/tables`. The body is HTML.
    pub fn new(place: &'static str, title: &str, body: String) -> Self {
        Self { title: title.to_owned(), body, place: Some(place), every_seconds: None }
    }

    /// The same, loaded again by the browser.
    #[must_use]
    pub fn again_every(self, seconds: u32) -> Self {
        Self { every_seconds: Some(seconds), ..self }
    }

    /// The same without the way to the other places.
    #[must_use]
    pub fn without_places(self) -> Self {
        Self { place: None, ..self }
    }

    /// The whole text.
    pub fn rendered(&self) -> String {
        let Self { title, body, place, every_seconds } = self;
        let refresh = every_seconds
            .map(|seconds| format!("<meta http-equiv=\"refresh\" content=\"{seconds}\">"))
            .unwrap_or_default();
        let places = place.map(places).unwrap_or_default();
        let title = escape(title);
        format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">{refresh}<title>{title} · local AWS</title><style>{STYLE}</style><body>{places}<main><h1><bdi>{title}</bdi></h1>{body}</main>"
        )
    }
}

fn places(here: &str) -> String {
    let link = |(path, name): &(&str, &str)| {
        let current = if *path == here { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{path}\"{current}>{name}</a>")
    };
    format!(
        "<header><b>Local AWS</b><nav aria-label=\"Places\">{}</nav></header>",
        PLACES.iter().map(link).collect::<String>()
    )
}

/// There is no such page.
pub fn nothing_here() -> Page {
    Page::new(
        "",
        "Nothing here",
        "<p>There is no such page, or it is gone. <a href=\"/\">Begin anew</a></p>".to_owned(),
    )
}

/// The AWS behind it did not answer.
pub fn no_answer(error: &str) -> Page {
    let body = format!(
        "<p>The local AWS did not answer: {}</p><p>Load this page again; when that does not help: <code>deployer local up</code></p>",
        escape(error)
    );
    Page::new("", "No answer", body)
}

/// A table with a head and a name that no other table of its page has; the cells are HTML. Without rows it is the text in
/// their place.
pub fn table(name: &str, head: &[&str], rows: &[Vec<String>], nothing: &str) -> String {
    if rows.is_empty() {
        return format!("<p class=\"quiet\">{}</p>", escape(nothing));
    }
    let mut text = format!(
        "<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"{}\"><table><thead><tr>",
        escape(name)
    );
    for name in head {
        let _ = write!(text, "<th scope=\"col\">{}</th>", escape(name));
    }
    text.push_str("</tr></thead><tbody>");
    for row in rows {
        let cells: String = row.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        let _ = write!(text, "<tr>{cells}</tr>");
    }
    text.push_str("</tbody></table></div>");
    text
}

/// Text as a cell.
pub fn cell(text: &str) -> String {
    format!("<bdi>{}</bdi>", escape(text))
}

/// Code as a cell.
pub fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(text))
}

/// A link whose path is made of these parts.
pub fn link(parts: &[&str], text: &str) -> String {
    let path: String = parts.iter().map(|part| format!("/{}", escaped_part(part))).collect();
    format!("<a href=\"{path}\"><bdi>{}</bdi></a>", escape(text))
}

/// Text as it may stand in HTML, in an attribute too.
pub fn escape(text: &str) -> String {
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

/// A name as a part of a path, or of a query.
pub fn escaped_part(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => safe.push(char::from(byte)),
            other => {
                let _ = write!(safe, "%{other:02X}");
            }
        }
    }
    safe
}

/// The name that a part of a path stands for. What is no escape stays as it is.
pub fn unescaped(part: &str) -> String {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escape = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        bytes.push(escape.unwrap_or(*first));
        rest = if escape.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The value of a name in a query.
pub fn in_query(query: &str, name: &str) -> Option<String> {
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.filter(|(key, _)| *key == name).map(|(_, value)| unescaped(value)).next()
}
