//! A net as a picture: columns from those that need others to those that need none, light and dark.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::net::Net;

/// Width of a character of a name, in pixels: of the widest common sans-serif.
const CHARACTER: f64 = 8.8;
/// Room around the text of a box, in pixels.
const PADDING: f64 = 16.0;
/// Height of a box, in pixels: its kind above its name.
const BOX: f64 = 46.0;
/// Room between two boxes of a column, in pixels.
const ROW_GAP: f64 = 16.0;
/// Room between two columns, in pixels: the lines pass there.
const COLUMN_GAP: f64 = 90.0;
/// Room around the picture, in pixels.
const MARGIN: f64 = 24.0;
/// How often the order within the columns is improved.
const SWEEPS: usize = 12;
/// Kinds that stand first whoever mentions them: requests and times come in there.
const FIRST: [&str; 2] = ["cdn.", "schedule."];
/// Hues of the kinds, in degrees: far apart for those that stand beside each other most.
const HUES: [(&str, u16); 12] = [
    ("cdn", 265),
    ("waf", 355),
    ("site", 320),
    ("function", 212),
    ("schedule", 35),
    ("table", 150),
    ("bucket", 175),
    ("secret", 5),
    ("param", 60),
    ("mail", 95),
    ("stack", 240),
    ("queue", 190),
];

/// One box.
struct Placed {
    x: f64,
    y: f64,
    width: f64,
}

impl Placed {
    /// The middle of its left and its right side.
    fn sides(&self) -> ((f64, f64), (f64, f64)) {
        let middle = self.y + BOX / 2.0;
        ((self.x, middle), (self.x + self.width, middle))
    }
}

/// The net as SVG.
pub fn svg(title: &str, net: &Net) -> String {
    let placed = placed(&columns(net));
    let right = placed.values().map(|each| each.x + each.width).fold(0.0, f64::max) + MARGIN;
    let bottom = placed.values().map(|each| each.y + BOX).fold(0.0, f64::max) + MARGIN;
    let title = escaped(title);
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {right:.0} {bottom:.0}\" width=\"{right:.0}\" height=\"{bottom:.0}\" role=\"img\" aria-labelledby=\"title\">\n<title id=\"title\">{title}: who needs whom</title>\n<style>{}</style>\n<defs><marker id=\"end\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto-start-reverse\"><path class=\"end\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n<rect class=\"paper\" width=\"100%\" height=\"100%\"/>\n",
        style()
    );
    for (node, needs) in &net.needs {
        for other in needs {
            let _ = writeln!(
                text,
                "<path class=\"line\" d=\"{}\" marker-end=\"url(#end)\"/>",
                line(&placed[node], &placed[other])
            );
        }
    }
    for (node, at) in &placed {
        let (kind, name) = node.split_once('.').unwrap_or(("", node));
        let class = HUES.iter().find(|(each, _)| *each == kind).map_or("other", |(each, _)| each);
        let (x, y, width) = (at.x, at.y, at.width);
        let (left, above, below) = (x + PADDING, y + 18.0, y + 36.0);
        let _ = writeln!(
            text,
            "<g class=\"{class}\"><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BOX}\" rx=\"9\"/><text class=\"kind\" x=\"{left:.1}\" y=\"{above:.1}\">{}</text><text x=\"{left:.1}\" y=\"{below:.1}\">{}</text></g>",
            escaped(kind),
            escaped(name)
        );
    }
    text.push_str("</svg>\n");
    text
}

fn style() -> String {
    let mut light = String::from(
        ".paper{fill:#fff}text{font:600 14px system-ui,sans-serif;fill:#17212b}.kind{font-weight:400;font-size:11px;fill:#55626f}.line{fill:none;stroke:#8b97a4;stroke-width:1.4}.end{fill:#8b97a4}.other rect{fill:#f2f4f6;stroke:#8b97a4}",
    );
    let mut dark = String::from(
        ".paper{fill:#12181f}text{fill:#e6ecf2}.kind{fill:#a5b3c1}.line{stroke:#66737f}.end{fill:#66737f}.other rect{fill:#222a33;stroke:#66737f}",
    );
    for (kind, hue) in HUES {
        let _ = write!(light, ".{kind} rect{{fill:hsl({hue} 80% 96%);stroke:hsl({hue} 45% 55%)}}");
        let _ = write!(dark, ".{kind} rect{{fill:hsl({hue} 32% 18%);stroke:hsl({hue} 45% 52%)}}");
    }
    format!("{light}@media (prefers-color-scheme:dark){{{dark}}}")
}

/// A line from what needs to what is needed: out to the right, in from the left; around where it leads back.
fn line(from: &Placed, to: &Placed) -> String {
    let ((_, _), (x1, y1)) = from.sides();
    let ((x2, y2), _) = to.sides();
    if x2 > x1 {
        let bend = ((x2 - x1) / 2.0).max(COLUMN_GAP / 2.0);
        return format!("M{x1:.1} {y1:.1}C{:.1} {y1:.1} {:.1} {y2:.1} {:.1} {y2:.1}", x1 + bend, x2 - bend, x2 - 1.0);
    }
    // It leads back, or within its column: from the top of the one to the top of the other.
    let (x1, x2) = (from.x + from.width * 0.7, to.x + to.width * 0.7);
    let up = from.y.min(to.y) - ROW_GAP * 1.6;
    format!("M{x1:.1} {:.1}C{x1:.1} {up:.1} {x2:.1} {up:.1} {x2:.1} {:.1}", from.y, to.y - 1.0)
}

/// The nodes column by column, each to the right of all that need it, so far as there is no circle.
fn columns(net: &Net) -> Vec<Vec<&str>> {
    let mut ranks: BTreeMap<&str, usize> = BTreeMap::new();
    for node in net.needs.keys() {
        rank(node, net, &mut ranks, &mut Vec::new());
    }
    let deepest = ranks.values().copied().max().unwrap_or_default();
    let mut columns: Vec<Vec<&str>> = vec![Vec::new(); deepest + 1];
    ranks.iter().for_each(|(node, rank)| columns[*rank].push(node));
    for sweep in 0..SWEEPS {
        let order: Vec<usize> =
            if sweep % 2 == 0 { (0..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for at in order {
            let middle = middles(&columns, net);
            columns[at].sort_by(|one, other| middle[one].total_cmp(&middle[other]).then(one.cmp(other)));
        }
    }
    columns
}

/// The longest way from a node that nobody needs or that stands first; `above` are the nodes that led here.
fn rank<'a>(node: &'a str, net: &'a Net, ranks: &mut BTreeMap<&'a str, usize>, above: &mut Vec<&'a str>) -> usize {
    if let Some(known) = ranks.get(node) {
        return *known;
    }
    if FIRST.iter().any(|kind| node.starts_with(kind)) {
        ranks.insert(node, 0);
        return 0;
    }
    above.push(node);
    let users = net.needed_by(node).into_iter().filter(|user| !above.contains(user)).collect::<Vec<_>>();
    let found = users.into_iter().map(|user| rank(user, net, ranks, above) + 1).max().unwrap_or_default();
    above.pop();
    ranks.insert(node, found);
    found
}

/// Where the neighbours of each node are in their columns, on average, from 0 (the top) to 1.
fn middles<'a>(columns: &[Vec<&'a str>], net: &'a Net) -> BTreeMap<&'a str, f64> {
    let mut at: BTreeMap<&str, f64> = BTreeMap::new();
    for column in columns {
        let count = column.len() as f64;
        column.iter().enumerate().for_each(|(place, node)| {
            at.insert(node, (place as f64 + 0.5) / count);
        });
    }
    let middle = |node: &&'a str| {
        let near: BTreeSet<&str> =
            net.needed_by(node).into_iter().chain(net.needs[*node].iter().map(String::as_str)).collect();
        let sum: f64 = near.iter().filter_map(|each| at.get(each)).sum();
        (*node, if near.is_empty() { at[node] } else { sum / near.len() as f64 })
    };
    columns.iter().flatten().map(middle).collect()
}

/// Boxes for all columns, each column in the middle of the picture's height.
fn placed(columns: &[Vec<&str>]) -> BTreeMap<String, Placed> {
    let height = |column: &Vec<&str>| column.len() as f64 * (BOX + ROW_GAP) - ROW_GAP;
    let tallest = columns.iter().map(height).fold(0.0, f64::max);
    let mut x = MARGIN;
    let mut placed = BTreeMap::new();
    for column in columns {
        let wide = |node: &&str| {
            let (kind, name) = node.split_once('.').unwrap_or(("", node));
            name.chars().count().max(kind.chars().count()) as f64 * CHARACTER + 2.0 * PADDING
        };
        let width = column.iter().map(wide).fold(0.0, f64::max);
        let mut y = MARGIN + ROW_GAP + (tallest - height(column)) / 2.0;
        for node in column {
            placed.insert((*node).to_owned(), Placed { x, y, width });
            y += BOX + ROW_GAP;
        }
        x += width + COLUMN_GAP;
    }
    placed
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn net(edges: &[(&str, &[&str])]) -> Net {
        let own = |names: &[&str]| names.iter().map(|each| (*each).to_owned()).collect();
        Net { needs: edges.iter().map(|(node, needs)| ((*node).to_owned(), own(needs))).collect() }
    }

    #[test]
    fn what_is_needed_stands_to_the_right_of_all_that_need_it() {
        let net = net(&[
            ("cdn.a", &["function.f", "site.s"]),
            ("function.f", &["table.t"]),
            ("schedule.h", &["function.f"]),
            ("site.s", &[]),
            ("table.t", &[]),
        ]);
        let placed = placed(&columns(&net));
        for (node, needs) in &net.needs {
            for other in needs {
                assert!(placed[node].x + placed[node].width < placed[other].x, "{node} {other}");
            }
        }
    }

    #[test]
    fn no_two_boxes_touch_and_a_circle_is_drawn_all_the_same() {
        let net =
            net(&[("a.a", &["b.b"]), ("b.b", &["c.c"]), ("c.c", &["a.a"]), ("d.d", &[]), ("e.e", &["d.d", "a.a"])]);
        let placed: Vec<_> = placed(&columns(&net)).into_values().collect();
        assert_eq!(placed.len(), 5);
        for (at, one) in placed.iter().enumerate() {
            for other in &placed[at + 1..] {
                let apart = one.x + one.width <= other.x || other.x + other.width <= one.x;
                assert!(apart || one.y + BOX <= other.y || other.y + BOX <= one.y);
            }
        }
        assert_eq!(svg("x", &net).matches("class=\"line\"").count(), 5);
    }

    #[test]
    fn a_name_cannot_become_markup() {
        assert!(!svg("<script>", &net(&[("a.<b>", &[])])).contains("<script>"));
        assert!(!svg("x", &net(&[("a.<b>", &[])])).contains("<b>"));
    }
}
