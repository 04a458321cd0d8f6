//! A report as mail (HTML, its pictures, text) and as a page for the archive.
//!
//! HTML in mail is the HTML of 2005: tables, attributes, styles on each element, no script, nothing that must be
//! fetched. Both colours of every text are given, and neither is pure, so that mail programs which turn light into
//! dark leave it readable; those that ask get dark colours of ours.

mod chart;
mod page;
mod picture;
mod scale;
mod svg;
#[cfg(test)]
mod tests;

use std::fmt;

use functions_shared::mail::Picture;
use functions_shared::zone;
use jiff::Timestamp;
use jiff::civil::Date;
use minijinja::value::Serde;
use minijinja::{Environment, Value};
use serde::Serialize;

use crate::report::Report;
use page::Page;

/// Above this, Gmail cuts a message off and hides the rest.
pub const LARGEST_HTML_BYTES: usize = 102 * 1024;
/// The name of the stylesheet that archived pages refer to, beside them. Another sheet has another name: what is in
/// the archive keeps its looks.
pub const STYLESHEET_NAME: &str = "report-1.css";
/// The stylesheet of archived pages.
pub const STYLESHEET: &str = include_str!("../templates/report.css");
/// Where lines of the text form end.
const TEXT_COLUMNS: usize = 76;
/// What ends the prose and the tables of the text form: lists of what is missing and of sources follow.
const AFTER_BODY: &str = "\nMISSING: ";

/// A report in its forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The report's name.
    pub name: &'static str,
    /// The report's title.
    pub title: &'static str,
    /// One line that names the report and when it was made.
    pub subject: String,
    /// The mail with HTML.
    pub html: String,
    /// What the HTML shows.
    pub pictures: Vec<Picture>,
    /// The mail without HTML.
    pub text: String,
    /// The page for the archive: without styles of its own, as the crew site's policy wants it.
    pub web: String,
}

/// Where readers can go on from a report.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Links {
    /// The crew's site; absent: nobody said.
    pub crew_site: Option<String>,
    /// The page of this very report; absent: it is not archived.
    pub page: Option<String>,
}

/// Why a report has no form.
#[derive(Debug)]
pub enum RenderError {
    /// A template is wrong.
    Template(minijinja::Error),
    /// A picture cannot be written.
    Picture(png::EncodingError),
}

/// Renders every form. Everything that is put into the HTML is escaped. `made` is when the report was made.
pub fn render(report: &Report, made: Timestamp, links: &Links) -> Result<Rendered, RenderError> {
    let made = zone::words(made);
    let subject = format!("{}, {made}", report.title);
    let (mut page, pictures) = Page::of(report, made, links.clone())?;
    let templates = templates()?;
    let fill = |name: &str, page: &Page| templates.get_template(name)?.render(Value::from(Serde(page.clone())));
    let mut html = fill("report.html", &page)?;
    if html.len() > LARGEST_HTML_BYTES {
        // The text form and the archive have every figure; a mail that is cut off has neither end nor appendix.
        page.with_appendix = false;
        html = fill("report.html", &page)?;
    }
    let text = fill("report.txt", &page)?;
    Ok(Rendered {
        name: report.id.name(),
        title: report.title,
        subject,
        html,
        pictures,
        text: format!("{}\n", text.trim_end()),
        web: fill("web.html", &page)?,
    })
}

fn templates() -> Result<Environment<'static>, minijinja::Error> {
    let mut templates = Environment::new();
    templates.add_filter("wrap", wrap);
    templates.add_filter("column", column);
    templates.add_filter("day", day);
    templates.add_template("report.html", include_str!("../templates/report.html"))?;
    templates.add_template("report.txt", include_str!("../templates/report.txt"))?;
    templates.add_template("web.html", include_str!("../templates/web.html"))?;
    Ok(templates)
}

/// Breaks a text into lines; those after the first begin with `indent` spaces.
fn wrap(text: &str, indent: usize) -> String {
    let mut lines = String::new();
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > TEXT_COLUMNS {
            lines.push('\n');
            lines.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

/// A day as people write it, in one piece: `4 Dec 2026`; a text that is no day as it is.
fn day(text: &str) -> String {
    let day = text.parse::<Date>().map(|day| day.strftime("%-d\u{a0}%b\u{a0}%Y").to_string());
    day.unwrap_or_else(|_| text.to_owned())
}

/// A text of exactly so many characters: filled up with spaces, or cut with `…`.
fn column(text: &str, width: usize) -> String {
    let length = text.chars().count();
    match length <= width {
        true => format!("{text}{}", " ".repeat(width - length)),
        false => text.chars().take(width.saturating_sub(1)).chain(['…']).collect(),
    }
}

impl Rendered {
    /// The words of its prose and tables, without the lists of what is missing and of sources.
    pub fn words(&self) -> usize {
        let body = self.text.split(AFTER_BODY).next().unwrap_or_default();
        body.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
    }
}

impl From<minijinja::Error> for RenderError {
    fn from(error: minijinja::Error) -> Self {
        Self::Template(error)
    }
}

impl From<png::EncodingError> for RenderError {
    fn from(error: png::EncodingError) -> Self {
        Self::Picture(error)
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Template(error) => write!(f, "a template: {error}"),
            Self::Picture(error) => write!(f, "a picture: {error}"),
        }
    }
}

impl std::error::Error for RenderError {}
