import { expect, test } from 'vitest'
import { aSun } from './testing'
import { bandsOfDay, daylight, nextLight, shareOfDay } from './sun'

const at = (iso: string) => Date.parse(iso) / 1000
const plain = (text: string) => text.replaceAll('\u00a0', ' ')
const light = daylight(aSun('2026-01-15'))

test.each([
  ['05:00', 'First light in 1 h'],
  ['06:10', 'Sunrise in 20 min'],
  ['16:10', 'Sunset in 1 h 20 min'],
  ['17:45', 'Last light in 15 min'],
  ['18:00', 'The sun has set for today'],
])('at %s the panel says "%s"', (clock, text) => {
  expect(plain(nextLight(light, at(`2026-01-15T${clock}:00-08:00`)))).toBe(text)
})

test('the bands of a day fill it without a gap', () => {
  const bands = bandsOfDay(light, '2026-01-15')
  expect(bands.map((band) => band.light)).toEqual(['night', 'twilight', 'day', 'twilight', 'night'])
  expect(bands[1]).toEqual({ light: 'twilight', start: 250, length: 21 })
  for (const [index, band] of bands.entries()) {
    const end = band.start + band.length
    expect(end).toBe(bands[index + 1]?.start ?? 1000)
  }
})

test('on a day of 23 or 25 hours noon is not in the middle', () => {
  expect(shareOfDay('2026-01-15')(at('2026-01-15T20:00:00Z'))).toBe(500)
  expect(shareOfDay('2026-03-08')(at('2026-03-08T19:00:00Z'))).toBe(Math.round((11 / 23) * 1000))
  expect(shareOfDay('2026-11-01')(at('2026-11-01T20:00:00Z'))).toBe(Math.round((13 / 25) * 1000))
})

test('a moment of another day stays at the edge', () => {
  const share = shareOfDay('2026-01-15')
  expect(share(at('2026-01-14T20:00:00Z'))).toBe(0)
  expect(share(at('2026-01-17T20:00:00Z'))).toBe(1000)
})
