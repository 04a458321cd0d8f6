use std::collections::BTreeSet;

use jiff::civil::date;
use minijinja::Environment;

use super::*;
use crate::figure::{Range, Unit};
use crate::portfolio::Worth;
use crate::report::{Action, Bar, Block, Cell, Chart, Finding, Line, Mark, Prose, Section, Table};
use crate::testing::reports;

mod axis;
mod days;

fn rendered(report: &Report) -> Rendered {
    let made = "2026-11-21T16:00:00Z".parse().expect("a moment");
    render(report, made, &Links::default()).expect("sound templates")
}

/// A report with every form of block.
fn full() -> Report {
    let mut report = reports().remove(0);
    let bar = |label: &str, low: f64, high: f64| Bar {
        label: label.to_owned(),
        value: Range { low, high },
        figure: "burn".to_owned(),
    };
    let bars = Chart::Bars {
        title: "Burn by account".to_owned(),
        unit: Unit::UsdPerMonth,
        bars: vec![bar("Fuel", 50.0, 100.0), bar("Nothing", 0.0, 0.0)],
    };
    let line = |label: &str, values: &[Option<f64>]| Line {
        label: label.to_owned(),
        values: values.to_vec(),
        figures: Vec::new(),
    };
    let lines = Chart::Lines {
        title: "Cash over time".to_owned(),
        unit: Unit::Usd,
        at: ["Nov 2026", "Dec 2026", "Jan 2027"].map(str::to_owned).to_vec(),
        lines: vec![
            line("Base", &[Some(9_000.0), Some(4_000.0), Some(-1_000.0)]),
            line("Best", &[Some(9_000.0), None, Some(20_000.0)]),
        ],
    };
    let table = Table {
        caption: "Accounts".to_owned(),
        columns: ["Account", "State"].map(str::to_owned).to_vec(),
        rows: vec![
            vec![Cell::text("Fuel"), Cell::Marked(Mark::Bad, "over".to_owned())],
            vec![Cell::text("Food"), Cell::Missing],
        ],
        total: Some(vec![Cell::text("Sum"), Cell::text("all")]),
    };
    let blocks = vec![
        Block::Paragraph("A paragraph.".into()),
        Block::List(vec!["A point.".into()]),
        Block::Note("A note.".into()),
        Block::Table(table),
        Block::Chart(bars),
        Block::Chart(lines),
    ];
    report.sections.insert(0, Section { title: "Everything".to_owned(), blocks });
    report
}

#[test]
fn both_forms_of_the_mail_hold_the_same_facts() {
    let rendered = rendered(&full());
    assert_eq!(rendered.subject, "CEO report, Sat 21 Nov 2026, 08:00 PST");
    let text = rendered.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for fact in [
        "$7,000–9,000 a month",
        "3,676 contacts",
        "A paragraph.",
        "A point.",
        "A note.",
        "over",
        "Burn by account",
        "Cash over time",
        "2026-11-21",
    ] {
        for (form, whole) in [("HTML", &rendered.html), ("text", &text), ("page", &rendered.web)] {
            assert!(whole.contains(fact), "{form}: {fact}");
        }
    }
}

#[test]
fn every_html_is_what_mail_programs_show() {
    for report in reports().iter().chain([&full()]) {
        let Rendered { name, html, .. } = rendered(report);
        assert!(html.len() < LARGEST_HTML_BYTES, "{name}: {} bytes", html.len());
        assert!(html.contains("max-width:600px") && html.contains("prefers-color-scheme:dark"));
        for absent in ["<script", "<link", "<svg", "url(", "javascript:", "#fff;", "#000;", "src=\"http", "</style><"] {
            assert!(!html.contains(absent), "{name}: {absent}");
        }
    }
}

#[test]
fn a_mail_that_would_be_cut_off_leaves_its_appendix_to_the_page() {
    let mut report = full();
    let trace = report.appendix[0].clone();
    report.appendix.extend(std::iter::repeat_n(trace, 800));
    let rendered = rendered(&report);
    assert!(rendered.html.len() < LARGEST_HTML_BYTES, "{} bytes", rendered.html.len());
    assert!(rendered.html.contains("in the text form of this mail"));
    assert!(rendered.web.matches("<tr id=\"f-").count() > 800);
}

#[test]
fn the_page_has_no_style_and_no_script_of_its_own() {
    for report in reports().iter().chain([&full()]) {
        let Rendered { name, web, .. } = rendered(report);
        for absent in [" style=", "<style", "<script", "javascript:", "<img"] {
            assert!(!web.contains(absent), "{name}: {absent}");
        }
        assert!(web.contains(&format!("href=\"{STYLESHEET_NAME}\"")));
    }
}

#[test]
fn every_picture_that_the_html_shows_is_in_the_mail_with_words() {
    let Rendered { html, pictures, .. } = rendered(&full());
    let shown: BTreeSet<&str> = html.split("src=\"cid:").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let sent: BTreeSet<&str> = pictures.iter().map(|picture| picture.id.as_str()).collect();
    assert_eq!(shown, sent);
    assert!(html.contains("Cash over time: Base from $9,000 (Nov 2026) to −$1,000 (Jan 2027); Best from $9,000 (Nov 2026) to $20,000 (Jan 2027)."), "the words of the picture");
    assert!(pictures.iter().all(|picture| picture.png.starts_with(b"\x89PNG")));
}

#[test]
fn no_mail_of_this_portfolio_is_near_what_mail_programs_cut_off() {
    const LARGEST: usize = 90_000;
    let links = Links {
        crew_site: Some(format!("https://{}.example.com", "crew".repeat(12))),
        page: Some(format!("https://{}.example.com/reports/ceo/2026-11-21/{}", "crew".repeat(12), "0".repeat(36))),
    };
    for report in reports() {
        let made = "2026-11-21T16:00:00Z".parse().expect("a moment");
        let html = render(&report, made, &links).expect("sound templates").html;
        assert!(html.len() <= LARGEST, "{}: {}", report.title, html.len());
        assert!(html.contains("As of"), "{}: the appendix is there", report.title);
    }
}

#[test]
fn links_are_shown_where_they_are_known() {
    let made = "2026-11-21T16:00:00Z".parse().expect("a moment");
    let links = Links {
        crew_site: Some("https://crew.example.com".to_owned()),
        page: Some("https://crew.example.com/reports/ceo/2026-11-21/a".to_owned()),
    };
    let known = render(&full(), made, &links).expect("sound templates");
    let unknown = rendered(&full());
    for (of, is_shown) in [(&known, true), (&unknown, false)] {
        assert_eq!(of.text.contains("https://crew.example.com/reports/ceo/2026-11-21/a"), is_shown);
        assert_eq!(
            of.html
                .contains("href=\"https:&#x2f;&#x2f;crew.example.com&#x2f;reports&#x2f;ceo&#x2f;2026-11-21&#x2f;a\""),
            is_shown,
            "{}",
            of.html
        );
    }
}

/// What structure a document has: its tags without what stands in them.
fn structure(html: &str) -> Vec<&str> {
    html.split('<').skip(1).filter_map(|rest| rest.split([' ', '>']).next()).collect()
}

/// Puts a text into every field that data can fill.
fn with(text: &str) -> Report {
    let mut report = full();
    let prose = || Prose::from(text);
    report.findings = vec![Finding { mark: Mark::Plain, text: prose() }];
    report.summary = vec![prose()];
    report.decide.truncate(1);
    report.decide[0].question = prose();
    report.decide[0].recommendation = prose();
    report.kpis.truncate(1);
    report.kpis[0].label = text.to_owned();
    report.kpis[0].tells = text.to_owned();
    report.missing.truncate(1);
    report.missing[0].name = text.to_owned();
    report.missing[0].reason = Some(text.to_owned());
    report.missing[0].unlocks = vec![text.to_owned()];
    report.appendix.truncate(1);
    report.appendix[0].label = text.to_owned();
    report.appendix[0].source = text.to_owned();
    report.appendix[0].id = text.to_owned();
    report.actions = vec![Action {
        id: text.to_owned(),
        title: text.to_owned(),
        entity: text.to_owned(),
        why: prose(),
        owner: Some(text.to_owned()),
        priority: 1,
        value: Worth::High,
        effort: report.actions[0].effort,
        due: Some(date(2026, 12, 1)),
    }];
    report.sections.truncate(1);
    let section = &mut report.sections[0];
    section.title = text.to_owned();
    for block in &mut section.blocks {
        match block {
            Block::Paragraph(prose) | Block::Note(prose) => prose.text = text.to_owned(),
            Block::List(points) => *points = vec![text.into()],
            Block::Table(table) => {
                table.caption = text.to_owned();
                table.columns = vec![text.to_owned(); 2];
                table.rows = vec![vec![Cell::text(text), Cell::Marked(Mark::Bad, text.to_owned())]];
            }
            Block::Chart(Chart::Bars { title, bars, .. }) => {
                *title = text.to_owned();
                bars.iter_mut().for_each(|bar| bar.label = text.to_owned());
            }
            Block::Chart(Chart::Lines { title, at, lines, .. }) => {
                *title = text.to_owned();
                at.iter_mut().for_each(|at| *at = text.to_owned());
                lines.iter_mut().for_each(|line| line.label = text.to_owned());
            }
        }
    }
    report
}

#[test]
fn no_text_of_any_field_becomes_html_or_a_header() {
    let harmless = rendered(&with("plain"));
    for hostile in [
        "<script>alert('1')</script> & \"x\"",
        "\"><img src=x onerror=alert(1)>",
        "'><svg/onload=alert(1)>",
        "</title></style></table><a href=\"javascript:alert(1)\">x</a>",
        "{{ report.title }}{% include 'x' %}",
        "a\r\nBcc: victim@example.com\r\n\r\n<p>body",
        "]]><!-- -->",
    ] {
        let rendered = rendered(&with(hostile));
        assert_eq!(structure(&rendered.html), structure(&harmless.html), "{hostile}");
        assert_eq!(structure(&rendered.web), structure(&harmless.web), "{hostile}");
        assert_eq!(rendered.subject, harmless.subject);
    }
}

#[test]
fn lines_of_the_text_are_short_and_it_is_no_dump_of_the_html() {
    for report in reports().iter().chain([&full()]) {
        let Rendered { name, text, .. } = rendered(report);
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > TEXT_COLUMNS).collect();
        assert!(long.is_empty(), "{name}: {long:?}");
        assert!(!text.contains("&lt;") && !text.contains("\n\n\n") && !text.contains("<"), "{name}: {text}");
    }
}

#[test]
fn the_same_report_is_the_same_bytes() {
    assert_eq!(rendered(&full()), rendered(&full()));
}

#[test]
fn a_long_word_does_not_lose_a_character() {
    let word = "x".repeat(200);
    assert_eq!(wrap(&word, 2), word);
    assert_eq!(wrap("a  b\nc", 0), "a b c");
    assert_eq!((column("ab", 4), column("abcdef", 4)), ("ab  ".to_owned(), "abc…".to_owned()));
}

#[test]
fn every_template_is_sound() {
    let templates: Environment<'_> = templates().expect("sound templates");
    assert_eq!(templates.templates().count(), 3);
}
