//! A report as HTML for mail programs and as text.
//!
//! HTML in mail is the HTML of 2005: tables, attributes, styles on each element, no script, no
//! picture that must be fetched. Both colours of every text are given, and neither is pure, so
//! that mail programs which turn light into dark leave it readable.

use functions_shared::zone;
use jiff::Timestamp;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};
use serde::Serialize;

use crate::report::Report;

/// Above this, Gmail cuts a message off and hides the rest.
pub const LARGEST_HTML_BYTES: usize = 102 * 1024;
/// Where lines of the text form end.
const TEXT_COLUMNS: usize = 76;

/// A report in its two forms.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rendered {
    /// The report's name.
    pub name: &'static str,
    /// One line that names the report and when it was made.
    pub subject: String,
    /// The form with HTML.
    pub html: String,
    /// The form without.
    pub text: String,
}

/// What the templates see.
#[derive(Serialize)]
struct Page {
    made: String,
    crew_site: Option<String>,
    #[serde(flatten)]
    report: Report,
}

/// Renders both forms. Everything that is put into the HTML is escaped. `crew_site` is where readers see the sails.
pub fn render(report: &Report, made: Timestamp, crew_site: Option<String>) -> Result<Rendered, Error> {
    let mut templates = Environment::new();
    templates.add_filter("wrap", wrap);
    templates.add_template("report.html", include_str!("../templates/report.html"))?;
    templates.add_template("report.txt", include_str!("../templates/report.txt"))?;
    let made = zone::words(made);
    let subject = format!("{}, {made}", report.title);
    let page = Value::from(Serde(Page { made, crew_site, report: report.clone() }));
    let text = templates.get_template("report.txt")?.render(&page)?;
    Ok(Rendered {
        name: report.id.name(),
        subject,
        html: templates.get_template("report.html")?.render(&page)?,
        text: format!("{}\n", text.trim_end()),
    })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::Live;
    use crate::portfolio::{Files, Portfolio};
    use crate::report::{Block, Finding, Mark, all};

    fn report() -> Report {
        let portfolio = Portfolio::read(&Files::embedded());
        all(&portfolio, &Live::default(), jiff::civil::date(2026, 11, 21)).swap_remove(0).expect("made")
    }

    fn rendered(report: &Report) -> Rendered {
        let made = "2026-11-21T16:00:00Z".parse().expect("a moment");
        render(report, made, None).expect("sound templates")
    }

    #[test]
    fn both_forms_hold_the_same_facts() {
        let rendered = rendered(&report());
        assert_eq!(rendered.subject, "CEO report, Sat 21 Nov 2026, 08:00 PST");
        let text = rendered.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for fact in [
            "$7,000–9,000 a month",
            "3,676 contacts",
            "$1,167–1,500",
            "Asset inventory",
            "Equity and key-person risk",
            "Listing on GetMyBoat",
            "2026-11-21",
            "Cash at hand",
            "Table of sails: it is not configured here",
        ] {
            assert!(rendered.html.contains(fact), "HTML: {fact}");
            assert!(text.contains(fact), "text: {fact}");
        }
    }

    #[test]
    fn the_crews_site_is_named_where_it_is_known() {
        let site = "http://crew.localhost:4567/";
        assert!(!rendered(&report()).text.contains("Sails and crew"));
        let known = render(&report(), Timestamp::UNIX_EPOCH, Some(site.to_owned())).expect("sound templates");
        assert!(known.html.contains("Sails and crew") && known.text.contains(site));
    }

    #[test]
    fn the_html_is_what_mail_programs_show() {
        let html = rendered(&report()).html;
        assert!(html.len() < LARGEST_HTML_BYTES, "{} bytes", html.len());
        assert!(html.contains("max-width:600px"));
        assert!(html.contains("name=\"color-scheme\" content=\"light dark\""));
        for absent in ["<script", "<link", "<img", "url(", "javascript:", "#fff;", "#000;"] {
            assert!(!html.contains(absent), "{absent}");
        }
    }

    #[test]
    fn what_comes_from_data_is_escaped() {
        let mut report = report();
        let hostile = "<script>alert('1')</script> & \"x\"";
        report.findings = vec![Finding { mark: Mark::Plain, text: hostile.into() }];
        report.sections[0].title = hostile.to_owned();
        report.sections[0].blocks = vec![Block::Paragraph(hostile.into()), Block::List(vec![hostile.into()])];
        report.actions[0].title = hostile.to_owned();
        report.appendix[0].source = hostile.to_owned();
        report.missing.truncate(1);
        report.missing[0].name = hostile.to_owned();
        let html = rendered(&report).html;
        assert!(!html.contains("<script"));
        assert_eq!(html.matches("&lt;script&gt;").count(), 7);
    }

    #[test]
    fn lines_of_the_text_are_short() {
        let text = rendered(&report()).text;
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest.is_some_and(|longest| longest <= TEXT_COLUMNS), "{longest:?}");
        assert!(!text.contains("&lt;") && !text.contains("\n\n\n"), "{text}");
    }

    #[test]
    fn a_long_word_does_not_lose_a_character() {
        let word = "x".repeat(200);
        assert_eq!(wrap(&word, 2), word);
        assert_eq!(wrap("a  b\nc", 0), "a b c");
    }
}
