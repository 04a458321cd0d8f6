import { expect, test } from 'vitest'
import { stillFaulty } from './failures'

test('a field that was put right is marked no longer, and none is marked anew', () => {
  expect(stillFaulty({ '/title': 'Give a title.', '/name': 'Used already.' }, { '/title': 'Give a title.', '/vessel': 'Name it.' })).toEqual({
    '/title': 'Give a title.',
  })
})
