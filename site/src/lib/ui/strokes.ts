// A drawn signature: strokes of points in a square of 1,000. Pure.

export type Point = [number, number]
export type Strokes = Point[][]

/** The edge of the square. */
const EDGE = 1000
/** The most strokes and points that are kept. Source: the crew API. */
const MOST_STROKES = 100
const MOST_POINTS = 2000
/** Points closer to each other than this say nothing new. */
const LEAST_STEP = 4

/** A place on the pad, given in its own pixels, as a point of the square. */
export function pointAt(x: number, y: number, width: number, height: number): Point {
  const share = (at: number, whole: number) => Math.round(Math.min(1, Math.max(0, at / whole)) * EDGE)
  return [share(x, width), share(y, height)]
}

/** Begins a stroke, unless the drawing is full. */
export function begin(strokes: Strokes, point: Point): Strokes {
  if (strokes.length >= MOST_STROKES || countOf(strokes) >= MOST_POINTS) return strokes
  return [...strokes, [point]]
}

/** Goes on with the last stroke; steps that are too small to see, and more than is kept, are left out. */
export function extend(strokes: Strokes, point: Point): Strokes {
  const last = strokes.at(-1)
  const from = last?.at(-1)
  if (!last || !from || countOf(strokes) >= MOST_POINTS) return strokes
  if (Math.hypot(point[0] - from[0], point[1] - from[1]) < LEAST_STEP) return strokes
  return [...strokes.slice(0, -1), [...last, point]]
}

/** The drawing as the path of an SVG with a view box of 1,000 by 1,000. */
export function pathOf(strokes: readonly (readonly number[][])[]): string {
  return strokes
    .map((stroke) => stroke.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join('') + (stroke.length === 1 ? 'h1' : ''))
    .join('')
}

function countOf(strokes: Strokes): number {
  return strokes.reduce((sum, stroke) => sum + stroke.length, 0)
}
