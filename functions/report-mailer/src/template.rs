//! What a report says in words: a text in which figures are named, read from `prose/`.
//!
//! ```text
//! # Decide                      the first screen
//! ## A question?                answered by yes, no or a name
//! by: send-blast                optional: the action that answers it; done, it is asked no more
//! What is recommended.
//! # Summary, # Findings         paragraphs; a finding begins with its mark: [good], [watch], [bad], [unknown], [plain]
//! # Any other title             a section: paragraphs, `- ` points, `> ` small print, `{{block}}`
//! when: cash missing            the next piece is only said if so: missing, known, above N, below N
//! Runway is {runway}.           {id}: the figure, or what the report calls so
//! ~ Runway is not known.        said instead where a figure of the paragraph is missing
//! ```

use crate::portfolio::Fault;
use crate::report::Mark;

/// A text, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Template {
    pub(crate) decide: Vec<Question>,
    pub(crate) summary: Vec<Said>,
    pub(crate) findings: Vec<Said>,
    pub(crate) sections: Vec<(String, Vec<Piece>)>,
}

/// A question to the reader.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Question {
    pub(crate) text: String,
    /// The id of the action that answers it.
    pub(crate) by: Option<String>,
    pub(crate) recommendation: Said,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    Paragraph(Said),
    Point(Said),
    Note(Said),
    Block(String),
}

/// Words with figures in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Said {
    /// Only said if so.
    pub(crate) when: Option<When>,
    /// How it stands.
    pub(crate) mark: Mark,
    pub(crate) text: String,
    /// Said instead where a figure is missing.
    pub(crate) otherwise: Option<String>,
}

/// Something that must hold of a figure.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct When {
    pub(crate) figure: String,
    pub(crate) holds: Holds,
}

/// What must hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Holds {
    Missing,
    Known,
    Above(f64),
    Below(f64),
}

/// What begins a piece. Small print may have its sign on each of its lines.
const SIGNS: [&str; 8] = ["# ", "## ", "- ", "> ", "{{", "when: ", "by: ", "["];

/// Where the next piece belongs.
#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    Decide,
    Summary,
    Findings,
    Section,
}

struct Reader<'a> {
    file: &'a str,
    place: Place,
    template: Template,
    when: Option<When>,
}

/// Reads a text; `file` is its name in a fault.
pub(crate) fn parse(file: &str, text: &str) -> Result<Template, Fault> {
    let mut reader = Reader { file, place: Place::Nowhere, template: Template::default(), when: None };
    let mut paragraph: Vec<&str> = Vec::new();
    for (at, line) in text.lines().chain([""]).enumerate() {
        let goes_on =
            line.strip_prefix("> ").filter(|_| paragraph.first().is_some_and(|first| first.starts_with("> ")));
        let begins = goes_on.is_none() && SIGNS.iter().any(|sign| line.starts_with(sign));
        if (begins || line.is_empty()) && !paragraph.is_empty() {
            reader.piece(&std::mem::take(&mut paragraph)).map_err(|message| reader.fault(at, message))?;
        }
        match line {
            "" => {}
            _ if line.starts_with("# ") || line.starts_with("## ") || line.starts_with("by: ") => {
                reader.line(line).map_err(|message| reader.fault(at + 1, message))?;
            }
            _ if line.starts_with("when: ") => {
                let when = when(&line["when: ".len()..]);
                reader.when = Some(when.ok_or_else(|| reader.fault(at + 1, "a condition that nobody knows"))?);
            }
            _ => paragraph.push(goes_on.unwrap_or(line)),
        }
    }
    Ok(reader.template)
}

impl Reader<'_> {
    fn fault(&self, line: usize, message: &str) -> Fault {
        Fault { file: self.file.to_owned(), line, message: message.to_owned() }
    }

    /// A title, a question or the action that answers it.
    fn line(&mut self, line: &str) -> Result<(), &'static str> {
        if let Some(text) = line.strip_prefix("## ") {
            self.template.decide.push(Question { text: text.to_owned(), by: None, recommendation: Said::default() });
            return Ok(());
        }
        if let Some(action) = line.strip_prefix("by: ") {
            let question = self.template.decide.last_mut().ok_or("an action without a question")?;
            question.by = Some(action.to_owned());
            return Ok(());
        }
        let title = line.trim_start_matches("# ");
        self.place = match title {
            "Decide" => Place::Decide,
            "Summary" => Place::Summary,
            "Findings" => Place::Findings,
            _ => Place::Section,
        };
        if matches!(self.place, Place::Section) {
            self.template.sections.push((title.to_owned(), Vec::new()));
        }
        Ok(())
    }

    /// A paragraph and what is said instead.
    fn piece(&mut self, lines: &[&str]) -> Result<(), &'static str> {
        let all = lines.join("\n");
        let (text, otherwise) = match all.split_once("\n~ ") {
            Some((text, otherwise)) => (text, Some(otherwise.replace('\n', " "))),
            None => (all.as_str(), None),
        };
        let text = text.replace('\n', " ");
        let said = |text: &str| Said { when: None, mark: Mark::Plain, text: text.to_owned(), otherwise };
        match self.place {
            Place::Nowhere => return Err("a text before the first title"),
            Place::Decide => {
                let question = self.template.decide.last_mut().ok_or("a recommendation without a question")?;
                question.recommendation = Said { when: self.when.take(), ..said(&text) };
            }
            Place::Summary => self.template.summary.push(Said { when: self.when.take(), ..said(&text) }),
            Place::Findings => {
                let (mark, text) = mark(&text).ok_or("a finding begins with its mark, as in [bad]")?;
                self.template.findings.push(Said { when: self.when.take(), mark, ..said(text) });
            }
            Place::Section => {
                let when = self.when.take();
                let piece = match text.split_at_checked(2) {
                    Some(("{{", rest)) => Piece::Block(rest.trim_end_matches('}').to_owned()),
                    Some(("- ", rest)) => Piece::Point(Said { when, ..said(rest) }),
                    Some(("> ", rest)) => Piece::Note(Said { when, ..said(rest) }),
                    _ => Piece::Paragraph(Said { when, ..said(&text) }),
                };
                self.template.sections.last_mut().ok_or("a text before the first title")?.1.push(piece);
            }
        }
        Ok(())
    }
}

fn mark(text: &str) -> Option<(Mark, &str)> {
    let (name, text) = text.strip_prefix('[')?.split_once("] ")?;
    let mark = match name {
        "good" => Mark::Good,
        "watch" => Mark::Watch,
        "bad" => Mark::Bad,
        "unknown" => Mark::Unknown,
        "plain" => Mark::Plain,
        _ => return None,
    };
    Some((mark, text))
}

fn when(text: &str) -> Option<When> {
    let mut words = text.split(' ');
    let figure = words.next()?.to_owned();
    let holds = match (words.next()?, words.next()) {
        ("missing", None) => Holds::Missing,
        ("known", None) => Holds::Known,
        ("above", Some(number)) => Holds::Above(number.parse().ok()?),
        ("below", Some(number)) => Holds::Below(number.parse().ok()?),
        _ => return None,
    };
    Some(When { figure, holds })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_piece_by_piece() {
        let text = "# Decide\n## Shall we?\nby: send-blast\nYes, because\nof {burn}.\n~ No.\n\n# Summary\nShort.\n\n\
                    # Findings\n[bad] Burn is {burn}.\n[good] Fine.\n\n# Money\nwhen: cash above 5\nOne.\n- Two.\n- Three.\n{{table}}\n> Four\n> lines.\n";
        let template = parse("x.md", text).expect("sound");
        let question = &template.decide[0];
        assert_eq!((question.text.as_str(), question.by.as_deref()), ("Shall we?", Some("send-blast")));
        assert_eq!(question.recommendation.text, "Yes, because of {burn}.");
        assert_eq!(question.recommendation.otherwise.as_deref(), Some("No."));
        assert_eq!(template.summary[0].text, "Short.");
        let marks: Vec<Mark> = template.findings.iter().map(|finding| finding.mark).collect();
        assert_eq!(marks, [Mark::Bad, Mark::Good]);
        let (title, pieces) = &template.sections[0];
        assert_eq!((title.as_str(), pieces.len()), ("Money", 5));
        let Piece::Paragraph(one) = &pieces[0] else { panic!("{pieces:?}") };
        assert_eq!(one.when, Some(When { figure: "cash".to_owned(), holds: Holds::Above(5.0) }));
        assert!(matches!(&pieces[3], Piece::Block(name) if name == "table"));
        assert!(matches!(&pieces[4], Piece::Note(note) if note.text == "Four lines." && note.when.is_none()));
    }

    #[test]
    fn what_nobody_can_read_is_told_with_its_line() {
        for (text, line) in [
            ("Text.\n", 1),
            ("# Findings\n\nno mark\n", 3),
            ("# Decide\nby: send-blast\n", 2),
            ("# Money\nwhen: cash often\n", 2),
        ] {
            let fault = parse("x.md", text).expect_err(text);
            assert_eq!((fault.file.as_str(), fault.line), ("x.md", line), "{text}: {fault}");
        }
    }
}
