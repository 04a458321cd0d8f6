import { expect, test } from 'vitest'
import { begin, extend, pathOf, pointAt, type Strokes } from './strokes'

test('a place on the pad is a point of the square, kept within it', () => {
  expect(pointAt(100, 50, 200, 100)).toEqual([500, 500])
  expect(pointAt(-5, 200, 200, 100)).toEqual([0, 1000])
})

test('a stroke grows by steps that can be seen', () => {
  const drawn = extend(extend(begin([], [10, 10]), [11, 11]), [20, 20])
  expect(drawn).toEqual([[[10, 10], [20, 20]]])
  expect(extend([], [1, 1])).toEqual([])
})

test('a drawing stays within what the API keeps', () => {
  let drawn: Strokes = begin([], [0, 0])
  for (let at = 1; at < 3000; at += 1) drawn = extend(drawn, [at % 2 === 0 ? 0 : 1000, 0])
  expect(drawn[0]).toHaveLength(2000)
  expect(begin(drawn, [5, 5])).toBe(drawn)
  let many: Strokes = []
  for (let at = 0; at < 150; at += 1) many = begin(many, [at, at])
  expect(many).toHaveLength(100)
})

test('a drawing is a path; a point is a dot', () => {
  expect(pathOf([[[1, 2], [3, 4]], [[5, 6]]])).toBe('M1 2L3 4M5 6h1')
})
