//! Lines as SVG, for the web page. No styles: the page's policy forbids them in elements.

use std::fmt::Write as _;

use super::chart::Drawn;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 300.0;
/// Room for the words at the left, below, and for the ends of lines.
const LEFT: f64 = 110.0;
const BELOW: f64 = 28.0;
const MARGIN: f64 = 10.0;

/// The chart; `heights` and `times` are places on a scale of one, from above and from left, with their words.
pub(super) fn lines(title: &str, heights: &[(f64, String)], times: &[(f64, String)], lines: &[Drawn]) -> String {
    let mut out = format!(
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    for (height, words) in heights {
        let y = down(*height);
        let (right, words) = (WIDTH - MARGIN, escaped(words));
        put(&mut out, format_args!("<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"));
        let (x, y) = (LEFT - 8.0, y + 4.0);
        put(&mut out, format_args!("<text text-anchor=\"end\" x=\"{x}\" y=\"{y:.1}\">{words}</text>"));
    }
    for (at, name) in times {
        let (x, y, name) = (across(*at), HEIGHT - 6.0, escaped(name));
        let anchor = if *at < 0.05 {
            "start"
        } else if *at > 0.95 {
            "end"
        } else {
            "middle"
        };
        put(&mut out, format_args!("<text text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y}\">{name}</text>"));
    }
    lines.iter().for_each(|line| draw(&mut out, line));
    out.push_str("</svg>");
    out
}

fn draw(out: &mut String, line: &Drawn) {
    let (colour, dashes) = (line.colour, line.stroke.dashes());
    for part in line.points.split(Option::is_none).filter(|part| !part.is_empty()) {
        let points: Vec<String> =
            part.iter().flatten().map(|(x, y)| format!("{:.1},{:.1}", across(*x), down(*y))).collect();
        let points = points.join(" ");
        put(
            out,
            format_args!(
                "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\" points=\"{points}\"/>"
            ),
        );
    }
    for (point, words) in line.points.iter().zip(&line.words) {
        let Some((x, y)) = point else { continue };
        let (x, y, label, words) = (across(*x), down(*y), escaped(&line.label), escaped(words));
        put(
            out,
            format_args!(
                "<circle fill=\"{colour}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"><title>{label}: {words}</title></circle>"
            ),
        );
    }
}

fn put(out: &mut String, text: std::fmt::Arguments<'_>) {
    out.write_fmt(text).expect("memory takes it");
}

fn across(place: f64) -> f64 {
    LEFT + place * (WIDTH - LEFT - MARGIN)
}

fn down(place: f64) -> f64 {
    MARGIN + place * (HEIGHT - BELOW - 2.0 * MARGIN)
}

/// Text as it may stand in an element or an attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for each in text.chars() {
        match each {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}
