//! Lines as a PNG: mail programs show neither SVG nor scripts. Words stand beside the picture, as text.

use super::chart::{Colour, Drawn};

/// Twice the size at which it is shown, for fine screens.
const WIDTH: usize = 1104;
const HEIGHT: usize = 440;
/// Room for the ends of lines, in pixels.
const MARGIN: f64 = 12.0;
const GRID: Colour = Colour([0x8a, 0x97, 0xa3]);
const GRID_WIDTH: f64 = 1.5;
const GRID_STRENGTH: f64 = 0.55;
const LINE_WIDTH: f64 = 6.0;
const DOT_WIDTH: f64 = 14.0;

/// How a line is drawn.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stroke {
    /// Without gaps.
    Solid,
    /// Long parts.
    Dashed,
    /// Short parts.
    Dotted,
}

impl Stroke {
    /// Length of a part and of part and gap together, in pixels; none: without gaps.
    fn parts(self) -> Option<(f64, f64)> {
        match self {
            Self::Solid => None,
            Self::Dashed => Some((28.0, 44.0)),
            Self::Dotted => Some((8.0, 22.0)),
        }
    }

    /// The same in characters.
    pub(super) fn sample(self) -> &'static str {
        match self {
            Self::Solid => "━━━",
            Self::Dashed => "━ ━",
            Self::Dotted => "• • •",
        }
    }

    /// The same as SVG has it; empty: without gaps.
    pub(super) fn dashes(self) -> &'static str {
        match self {
            Self::Solid => "none",
            Self::Dashed => "9 5",
            Self::Dotted => "3 4",
        }
    }
}

/// Draws a grid, its heights from above on a scale of one, and the lines over it, on transparent ground.
pub(super) fn lines(grid: &[f64], lines: &[Drawn]) -> Result<Vec<u8>, png::EncodingError> {
    let mut canvas = Canvas { pixels: vec![0; WIDTH * HEIGHT * 4] };
    for height in grid {
        let (from, to) = (place((0.0, *height)), place((1.0, *height)));
        canvas.segment(from, to, &Pen { colour: GRID, width: GRID_WIDTH, strength: GRID_STRENGTH, parts: None }, 0.0);
    }
    for line in lines {
        let pen = Pen { colour: line.colour, width: LINE_WIDTH, strength: 1.0, parts: line.stroke.parts() };
        let dot = Pen { width: DOT_WIDTH, parts: None, ..pen };
        let mut drawn = 0.0;
        for pair in line.points.windows(2) {
            if let [Some(from), Some(to)] = pair {
                let (from, to) = (place(*from), place(*to));
                canvas.segment(from, to, &pen, drawn);
                drawn += length(from, to);
            }
        }
        for point in line.points.iter().flatten() {
            canvas.segment(place(*point), place(*point), &dot, 0.0);
        }
    }
    canvas.png()
}

type Point = (f64, f64);

/// What draws.
#[derive(Clone, Copy)]
struct Pen {
    colour: Colour,
    width: f64,
    /// 1 covers what is below.
    strength: f64,
    parts: Option<(f64, f64)>,
}

impl Pen {
    /// Whether it draws there, so far from the line's beginning.
    fn draws(&self, at: f64) -> bool {
        self.parts.is_none_or(|(part, whole)| at % whole < part)
    }
}

/// Red, green, blue and opacity of every pixel.
struct Canvas {
    pixels: Vec<u8>,
}

impl Canvas {
    /// Draws a straight line with round ends; `before` is the length of what the pen has drawn.
    fn segment(&mut self, from: Point, to: Point, pen: &Pen, before: f64) {
        let reach = pen.width / 2.0 + 1.0;
        let span = |one: f64, other: f64, most: usize| {
            let low = (one.min(other) - reach).floor().max(0.0) as usize;
            let high = (one.max(other) + reach).ceil().max(0.0) as usize;
            low..high.min(most)
        };
        for y in span(from.1, to.1, HEIGHT) {
            for x in span(from.0, to.0, WIDTH) {
                let (distance, along) = beside((x as f64 + 0.5, y as f64 + 0.5), from, to);
                // What the pen covers of the pixel.
                let cover = (pen.width / 2.0 + 0.5 - distance).clamp(0.0, 1.0) * pen.strength;
                if cover > 0.0 && pen.draws(before + along) {
                    self.blend(x, y, pen.colour, cover);
                }
            }
        }
    }

    fn blend(&mut self, x: usize, y: usize, Colour(colour): Colour, cover: f64) {
        let at = (y * WIDTH + x) * 4;
        let pixel = &mut self.pixels[at..at + 4];
        let below = f64::from(pixel[3]) / 255.0 * (1.0 - cover);
        let whole = cover + below;
        for (channel, new) in pixel.iter_mut().zip(colour) {
            *channel = ((f64::from(new) * cover + f64::from(*channel) * below) / whole).round() as u8;
        }
        pixel[3] = (whole * 255.0).round() as u8;
    }

    fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, WIDTH as u32, HEIGHT as u32);
        encoder.set_color(png::ColorType::Rgba);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header()?.write_image_data(&self.pixels)?;
        Ok(bytes)
    }
}

/// A point of the square of one by one, in pixels.
fn place((x, y): Point) -> Point {
    (MARGIN + x * (WIDTH as f64 - 2.0 * MARGIN), MARGIN + y * (HEIGHT as f64 - 2.0 * MARGIN))
}

fn length(from: Point, to: Point) -> f64 {
    (to.0 - from.0).hypot(to.1 - from.1)
}

/// How far a point is from a straight line, and how far along it.
fn beside(point: Point, from: Point, to: Point) -> (f64, f64) {
    let whole = length(from, to);
    if whole == 0.0 {
        return (length(point, from), 0.0);
    }
    let (right, down) = ((to.0 - from.0) / whole, (to.1 - from.1) / whole);
    let along = ((point.0 - from.0) * right + (point.1 - from.1) * down).clamp(0.0, whole);
    (length(point, (from.0 + right * along, from.1 + down * along)), along)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(points: &[Option<Point>], stroke: Stroke) -> Drawn {
        let colour = Colour([1, 2, 3]);
        Drawn { label: String::new(), colour, stroke, points: points.to_vec(), words: Vec::new() }
    }

    fn pixels(png: &[u8]) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().expect("a picture");
        let mut pixels = vec![0; reader.output_buffer_size().expect("it is small")];
        reader.next_frame(&mut pixels).expect("pixels");
        pixels
    }

    /// The opacity at a point of the square of one by one.
    fn opacity(pixels: &[u8], point: Point) -> u8 {
        let (x, y) = place(point);
        pixels[(y as usize * WIDTH + x as usize) * 4 + 3]
    }

    #[test]
    fn a_line_is_where_its_points_are_and_has_gaps_where_they_are_not() {
        let points = [Some((0.0, 0.5)), Some((0.25, 0.5)), None, Some((0.75, 0.5)), Some((1.0, 0.5))];
        let pixels = pixels(&lines(&[], &[line(&points, Stroke::Solid)]).expect("a picture"));
        for (point, opaque) in [((0.1, 0.5), 255), ((0.5, 0.5), 0), ((0.9, 0.5), 255), ((0.1, 0.6), 0)] {
            assert_eq!(opacity(&pixels, point), opaque, "{point:?}");
        }
    }

    #[test]
    fn strokes_differ_without_colour() {
        let points = [Some((0.0, 0.5)), Some((1.0, 0.5))];
        let all = [Stroke::Solid, Stroke::Dashed, Stroke::Dotted].map(|stroke| {
            let pixels = pixels(&lines(&[], &[line(&points, stroke)]).expect("a picture"));
            (0..400).filter(|at| opacity(&pixels, (f64::from(*at) / 400.0, 0.5)) > 128).count()
        });
        assert!(all[0] > all[1] && all[1] > all[2] && all[2] > 0, "{all:?}");
    }

    #[test]
    fn the_same_lines_are_the_same_bytes() {
        let draw =
            || lines(&[0.0, 1.0], &[line(&[Some((0.0, 0.1)), Some((1.0, 0.9))], Stroke::Dashed)]).expect("a picture");
        assert_eq!(draw(), draw());
        assert!(draw().len() < 20_000, "{} bytes", draw().len());
    }
}
