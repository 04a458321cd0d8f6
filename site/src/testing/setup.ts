// What every unit test starts from: a device that keeps nothing yet.
import 'fake-indexeddb/auto'
import { afterEach } from 'vitest'
import { keep } from '../lib/keep/database'

afterEach(async () => {
  for (const shelf of ['person', 'answers', 'ticks', 'waivers', 'drafts'] as const) await keep.clear(shelf)
})
