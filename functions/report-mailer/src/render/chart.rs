//! Charts measured for every form: bars in hundredths, lines as picture, as SVG and as rows.

use serde::Serialize;

use super::RenderError;
use super::picture::{self, Stroke};
use super::scale::Scale;
use super::svg;
use crate::figure::{Range, Unit};
use crate::report::{Bar, Line};

/// The colours of lines, one after the other: each is read on light and on dark ground.
const COLOURS: [Colour; 4] =
    [Colour([0x2b, 0x7b, 0xb0]), Colour([0xc2, 0x62, 0x1b]), Colour([0x3d, 0x8a, 0x57]), Colour([0x8a, 0x63, 0xb8])];
/// The strokes of lines, one after the other, for those who do not see colours.
const STROKES: [Stroke; 3] = [Stroke::Solid, Stroke::Dashed, Stroke::Dotted];
/// Most names of points in time below a chart of the web page.
const MOST_NAMES: usize = 8;

/// Red, green, blue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Colour(pub(super) [u8; 3]);

/// A comparison.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Bars {
    title: String,
    bars: Vec<BarView>,
}

/// One bar; `solid`, `faint` and `rest` make a hundred.
#[derive(Clone, Debug, Serialize)]
struct BarView {
    label: String,
    words: String,
    solid: u32,
    faint: u32,
    rest: u32,
}

/// Figures over time.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Lines {
    title: String,
    /// The picture's id.
    picture: String,
    /// What those read who do not see the picture.
    alt: String,
    /// The ends of the scale.
    top: String,
    bottom: String,
    /// The ends of the time.
    first: String,
    last: String,
    legend: Vec<Legend>,
    /// What the numbers beside the scale of the page count; empty where they say it themselves.
    unit: &'static str,
    /// The rows of the text form.
    rows: Vec<Row>,
    svg: String,
}

#[derive(Clone, Debug, Serialize)]
struct Legend {
    label: String,
    colour: String,
    stroke: &'static str,
    dashes: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    at: String,
    values: Vec<String>,
}

/// A line as it is drawn: its points on a square of one by one, with gaps.
pub(super) struct Drawn {
    pub(super) label: String,
    pub(super) colour: Colour,
    pub(super) stroke: Stroke,
    /// From left and from above.
    pub(super) points: Vec<Option<(f64, f64)>>,
    /// The values in words, one a point.
    pub(super) words: Vec<String>,
}

/// Measures bars against the longest.
pub(super) fn bars(title: &str, unit: Unit, bars: &[Bar]) -> Bars {
    let longest = bars.iter().map(|bar| bar.value.high).fold(0.0, f64::max);
    let hundredths = |value: f64| match longest > 0.0 {
        // What is not nothing is seen.
        true if value > 0.0 => ((value / longest * 100.0).round() as u32).max(1),
        _ => 0,
    };
    let view = |bar: &Bar| {
        let (solid, whole) = (hundredths(bar.value.low), hundredths(bar.value.high));
        let words = bar.value.words(unit);
        BarView { label: bar.label.clone(), words, solid, faint: whole - solid, rest: 100 - whole }
    };
    Bars { title: title.to_owned(), bars: bars.iter().map(view).collect() }
}

/// Draws lines; the view and the picture.
pub(super) fn lines(
    title: &str,
    unit: Unit,
    at: &[String],
    lines: &[Line],
    id: &str,
) -> Result<(Lines, Vec<u8>), RenderError> {
    let scale = Scale::over(lines.iter().flat_map(|line| line.values.iter().flatten().copied()));
    let ticks = scale.ticks();
    let words = |value: f64| Range::exact(value).words(unit);
    let drawn: Vec<Drawn> = lines.iter().enumerate().map(|(index, line)| draw(line, index, scale, &words)).collect();
    let grid: Vec<f64> = ticks.iter().map(|tick| 1.0 - scale.place(*tick)).collect();
    let names: Vec<(f64, String)> =
        ticks.iter().map(|tick| (1.0 - scale.place(*tick), Range::exact(*tick).bare(unit))).collect();
    let end = |value: Option<&f64>| value.copied().map(&words).unwrap_or_default();
    let name = |name: Option<&String>| name.cloned().unwrap_or_default();
    let view = Lines {
        title: title.to_owned(),
        picture: id.to_owned(),
        alt: alt(title, at, &drawn),
        top: end(ticks.last()),
        bottom: end(ticks.first()),
        first: name(at.first()),
        last: name(at.last()),
        legend: drawn.iter().map(Legend::of).collect(),
        unit: unit.behind(),
        rows: rows(at, &drawn),
        svg: svg::lines(title, &names, &named(at), &drawn),
    };
    Ok((view, picture::lines(&grid, &drawn)?))
}

fn draw(line: &Line, index: usize, scale: Scale, words: &dyn Fn(f64) -> String) -> Drawn {
    let last = line.values.len().saturating_sub(1).max(1) as f64;
    let point = |(at, value): (usize, &Option<f64>)| value.map(|value| (at as f64 / last, 1.0 - scale.place(value)));
    Drawn {
        label: line.label.clone(),
        colour: COLOURS[index % COLOURS.len()],
        stroke: STROKES[index % STROKES.len()],
        points: line.values.iter().enumerate().map(point).collect(),
        words: line.values.iter().map(|value| value.map(words).unwrap_or_else(|| "not known".to_owned())).collect(),
    }
}

/// `Cash over time: Base from $9,000 (Nov 2026) to $1,000 (Apr 2027).`
fn alt(title: &str, at: &[String], drawn: &[Drawn]) -> String {
    let line = |line: &Drawn| {
        let known: Vec<usize> = (0..line.points.len()).filter(|index| line.points[*index].is_some()).collect();
        let end = |index: Option<&usize>| {
            let index = *index?;
            Some(format!("{} ({})", line.words.get(index)?, at.get(index)?))
        };
        match (end(known.first()), end(known.last())) {
            (Some(first), Some(last)) => format!("{} from {first} to {last}", line.label),
            _ => format!("{} not known", line.label),
        }
    };
    format!("{title}: {}.", drawn.iter().map(line).collect::<Vec<_>>().join("; "))
}

fn rows(at: &[String], drawn: &[Drawn]) -> Vec<Row> {
    let value = |line: &Drawn, index: usize| line.words.get(index).cloned().unwrap_or_default();
    let row = |(index, at): (usize, &String)| Row {
        at: at.clone(),
        values: drawn.iter().map(|line| format!("{} {}", line.label, value(line, index))).collect(),
    };
    at.iter().enumerate().map(row).collect()
}

/// The names of points in time and where they stand; when there are many, every second or third of them.
fn named(at: &[String]) -> Vec<(f64, String)> {
    let every = at.len().div_ceil(MOST_NAMES).max(1);
    let last = at.len().saturating_sub(1).max(1) as f64;
    at.iter().enumerate().step_by(every).map(|(index, name)| (index as f64 / last, name.clone())).collect()
}

impl Legend {
    fn of(line: &Drawn) -> Self {
        Self {
            label: line.label.clone(),
            colour: line.colour.to_string(),
            stroke: line.stroke.sample(),
            dashes: line.stroke.dashes(),
        }
    }
}

impl std::fmt::Display for Colour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}
