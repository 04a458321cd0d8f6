import { expect, test } from 'vitest'
import { reportPath } from './reportPath'

test('a report lies below the API, whatever its link says', () => {
  const path = (report: string) => reportPath({ report, day: '2026-11-21', invocation: '0b0c-1' })
  expect(path('ceo')).toBe('/api/reports/ceo.2026-11-21.0b0c-1.html')
  expect(path('../../sign-in?next=')).toBe('/api/reports/..%2F..%2Fsign-in%3Fnext%3D.2026-11-21.0b0c-1.html')
})
