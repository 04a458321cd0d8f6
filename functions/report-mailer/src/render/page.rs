//! What the templates see: the report, its charts measured and drawn.

use functions_shared::mail::Picture;
use serde::Serialize;

use super::chart::{Bars, Lines, bars, lines};
use super::{Links, RenderError, STYLESHEET_NAME};
use crate::report::{Block, Chart, Prose, Report, Section, Table};

/// Everything a template may show.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Page {
    /// The report; its sections are shown from `sections`.
    report: Report,
    /// When it was made, for readers.
    made: String,
    /// The sections, their charts measured.
    sections: Vec<SectionView>,
    /// Where readers can go on.
    links: Links,
    /// The keys of the appendix: what can be referred to.
    traced: Vec<String>,
    /// The stylesheet beside an archived page.
    stylesheet: &'static str,
    /// Whether the mail has room for the appendix.
    pub(super) with_appendix: bool,
}

#[derive(Clone, Debug, Serialize)]
struct SectionView {
    title: String,
    blocks: Vec<BlockView>,
}

/// A block of the report, with one member whose name tells its form.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
enum BlockView {
    Paragraph(Prose),
    List(Vec<Prose>),
    Table(Table),
    Note(Prose),
    Bars(Bars),
    Lines(Lines),
}

impl Page {
    /// The page and the pictures that it shows.
    pub(super) fn of(report: &Report, made: String, links: Links) -> Result<(Self, Vec<Picture>), RenderError> {
        let mut pictures = Vec::new();
        let sections = report.sections.iter().map(|section| view(section, &mut pictures)).collect::<Result<_, _>>()?;
        let page = Self {
            report: Report { sections: Vec::new(), ..report.clone() },
            made,
            sections,
            links,
            traced: report.appendix.iter().map(|trace| trace.id.clone()).collect(),
            stylesheet: STYLESHEET_NAME,
            with_appendix: true,
        };
        Ok((page, pictures))
    }
}

fn view(section: &Section, pictures: &mut Vec<Picture>) -> Result<SectionView, RenderError> {
    let block = |block: &Block| {
        Ok::<_, RenderError>(match block {
            Block::Paragraph(prose) => BlockView::Paragraph(prose.clone()),
            Block::List(points) => BlockView::List(points.clone()),
            Block::Table(table) => BlockView::Table(table.clone()),
            Block::Note(prose) => BlockView::Note(prose.clone()),
            Block::Chart(Chart::Bars { title, unit, bars: all }) => BlockView::Bars(bars(title, *unit, all)),
            Block::Chart(Chart::Lines { title, unit, at, lines: all }) => {
                let id = format!("chart-{}", pictures.len() + 1);
                let (view, png) = lines(title, *unit, at, all, &id)?;
                pictures.push(Picture { id, png });
                BlockView::Lines(view)
            }
        })
    };
    let blocks = section.blocks.iter().map(block).collect::<Result<_, _>>()?;
    Ok(SectionView { title: section.title.clone(), blocks })
}
