//! From what one report adds to its text, to the whole report.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::kinds::Kind;
use super::stale::stale;
use super::{Action, Block, Cell, Decision, Finding, Kpi, Mark, Missing, MissingKind, Prose, Report, Section, Stale};
use crate::book::Book;
use crate::live::Live;
use crate::models::ranking;
use crate::portfolio::Portfolio;
use crate::template::{Holds, Piece, Question, Said, Template, When};

/// Everything that reports are made of.
pub(super) struct Context<'a> {
    pub(super) portfolio: &'a Portfolio,
    pub(super) live: &'a Live,
    pub(super) book: &'a Book,
    pub(super) as_of: Date,
}

/// What one report adds to its text.
#[derive(Default)]
pub(super) struct Draft {
    /// The figures that count most.
    pub(super) kpis: Vec<Kpi>,
    /// What the text shows with `{{name}}`; several pieces in their order, none where there is nothing to show.
    pub(super) blocks: BTreeMap<&'static str, Vec<Block>>,
    /// Words that are counted or named in code: `{name}`.
    pub(super) words: BTreeMap<&'static str, String>,
    /// What it lacks beside figures and owners.
    pub(super) lacks: Vec<Missing>,
}

/// Fills the text, ranks the actions, traces the figures and names what is missing.
pub(super) fn report(cx: &Context<'_>, kind: &Kind, template: &Template, draft: Draft) -> Report {
    let fill = Fill { cx, words: &draft.words };
    let mut report = Report {
        id: kind.id,
        title: kind.title,
        reader: kind.reader,
        as_of: cx.as_of,
        decide: fill.decisions(template),
        summary: template.summary.iter().filter_map(|said| fill.said(said)).map(|(prose, _)| prose).collect(),
        findings: template.findings.iter().filter_map(|said| fill.finding(said)).collect(),
        sections: template.sections.iter().filter_map(|section| fill.section(section, &draft.blocks)).collect(),
        actions: ranking::actions(cx.portfolio, kind.id, cx.as_of),
        kpis: draft.kpis,
        appendix: Vec::new(),
        stale: Stale::default(),
        missing: Vec::new(),
    };
    let figures = figures(&report);
    let ids = || figures.iter().map(String::as_str);
    report.appendix = cx.book.traces(ids());
    report.stale = stale(&report.appendix, cx.as_of);
    report.findings.extend(report.stale.exports().map(|text| Finding { mark: Mark::Watch, text: text.into() }));
    report.missing = cx.book.missing(ids());
    report.missing.extend(draft.lacks);
    report.missing.extend(report.actions.iter().filter(|action| action.owner.is_none()).map(unowned));
    report
}

fn unowned(action: &Action) -> Missing {
    let name = format!("Who does it: {}", action.title);
    Missing { kind: MissingKind::Owner, name, reason: None, unlocks: Vec::new() }
}

/// The ids of all figures that a report shows.
pub(super) fn figures(report: &Report) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut prose = |prose: &Prose| ids.extend(prose.figures.iter().cloned());
    for decision in &report.decide {
        prose(&decision.question);
        prose(&decision.recommendation);
    }
    report.summary.iter().for_each(&mut prose);
    report.findings.iter().for_each(|finding| prose(&finding.text));
    report.actions.iter().for_each(|action| prose(&action.why));
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Paragraph(text) | Block::Note(text) => prose(text),
            Block::List(points) => points.iter().for_each(&mut prose),
            Block::Table(_) | Block::Chart(_) => {}
        }
    }
    for kpi in &report.kpis {
        ids.extend([&kpi.figure].into_iter().chain(&kpi.target).map(|shown| shown.id.clone()));
    }
    for block in report.sections.iter().flat_map(|section| &section.blocks) {
        match block {
            Block::Table(table) => {
                let cells = table.rows.iter().chain(&table.total).flatten();
                ids.extend(cells.filter_map(|cell| match cell {
                    Cell::Figure(shown) => Some(shown.id.clone()),
                    Cell::Text(_) | Cell::Marked(..) | Cell::Missing => None,
                }));
            }
            Block::Chart(chart) => ids.extend(chart.figures().map(str::to_owned)),
            Block::Paragraph(_) | Block::Note(_) | Block::List(_) => {}
        }
    }
    ids
}

/// Puts figures and words into a text.
struct Fill<'a> {
    cx: &'a Context<'a>,
    words: &'a BTreeMap<&'static str, String>,
}

impl Fill<'_> {
    /// The questions that are open, the earliest day first: those whose action is done are asked no more.
    fn decisions(&self, template: &Template) -> Vec<Decision> {
        let mut open: Vec<_> = template.decide.iter().filter_map(|question| self.decision(question)).collect();
        open.sort_by_key(|decision| decision.by.unwrap_or(Date::MAX));
        open
    }

    fn decision(&self, question: &Question) -> Option<Decision> {
        let (recommendation, _) = self.said(&question.recommendation)?;
        let (mut text, _) = self.fill(&question.text);
        let by = match &question.by {
            None => None,
            Some(id) => match self.cx.portfolio.lists.actions.iter().find(|action| *action.id == **id) {
                Some(action) if action.is_done(self.cx.as_of) => return None,
                Some(action) => action.due.map(|due| due.0),
                None => {
                    text.text.push_str(&unknown(id));
                    None
                }
            },
        };
        Some(Decision { question: text, recommendation, by, overdue: by.is_some_and(|by| by < self.cx.as_of) })
    }

    fn finding(&self, said: &Said) -> Option<Finding> {
        let (text, complete) = self.said(said)?;
        let mark = if complete { said.mark } else { Mark::Unknown };
        Some(Finding { mark, text })
    }

    /// A section; none where nothing of it is said.
    fn section(
        &self,
        (title, pieces): &(String, Vec<Piece>),
        blocks: &BTreeMap<&'static str, Vec<Block>>,
    ) -> Option<Section> {
        let mut made: Vec<Block> = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Paragraph(said) => made.extend(self.said(said).map(|(prose, _)| Block::Paragraph(prose))),
                Piece::Note(said) => made.extend(self.said(said).map(|(prose, _)| Block::Note(prose))),
                Piece::Point(said) => match (self.said(said), made.last_mut()) {
                    (Some((prose, _)), Some(Block::List(points))) => points.push(prose),
                    (Some((prose, _)), _) => made.push(Block::List(vec![prose])),
                    (None, _) => {}
                },
                Piece::Block(name) => match blocks.get(name.as_str()) {
                    Some(blocks) => made.extend(blocks.iter().cloned()),
                    None => made.push(Block::Paragraph(unknown(name).into())),
                },
            }
        }
        (!made.is_empty()).then(|| Section { title: title.clone(), blocks: made })
    }

    /// What is said, and whether all its figures are known; none where the condition does not hold.
    fn said(&self, said: &Said) -> Option<(Prose, bool)> {
        if !said.when.as_ref().is_none_or(|when| self.holds(when)) {
            return None;
        }
        let (prose, complete) = self.fill(&said.text);
        match &said.otherwise {
            Some(otherwise) if !complete => {
                let (mut other, _) = self.fill(otherwise);
                // What is missing belongs to the report although another sentence is said.
                other.figures.extend(prose.figures);
                Some((other, false))
            }
            _ => Some((prose, complete)),
        }
    }

    fn holds(&self, when: &When) -> bool {
        let value = self.cx.book.value(&when.figure);
        match when.holds {
            Holds::Missing => value.is_none(),
            Holds::Known => value.is_some(),
            Holds::Above(limit) => value.is_some_and(|value| value.low > limit),
            Holds::Below(limit) => value.is_some_and(|value| value.high < limit),
        }
    }

    /// The text with its figures written out, and whether all of them are known.
    fn fill(&self, text: &str) -> (Prose, bool) {
        let mut prose = Prose::default();
        let mut complete = true;
        let mut rest = text;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, a)| Some((b, a.split_once('}')?)))
        {
            prose.text.push_str(before);
            match self.words.get(name) {
                Some(words) => prose.text.push_str(words),
                None if self.cx.book.has(name) => {
                    let shown = self.cx.book.shown(name);
                    complete &= shown.value.is_some();
                    match shown.value {
                        Some(_) => prose.text.push_str(&shown.words()),
                        None => prose.text.push_str(&format!("[{}: missing]", self.cx.book.label(name))),
                    }
                    prose.figures.push(name.to_owned());
                }
                None => prose.text.push_str(&unknown(name)),
            }
            rest = after;
        }
        prose.text.push_str(rest);
        (prose, complete)
    }
}

/// What a text names and the report does not have: a test finds it.
fn unknown(name: &str) -> String {
    format!("‹{name}›")
}
