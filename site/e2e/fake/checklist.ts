// The checklist of the fake API: a few entries a role to begin with, and where they stand.
import { phaseOf, stateOf } from '../../src/routes/sail/checklist.ts'
import type { FakeSail, Role, Schemas } from './world.ts'

type Template = [id: string, role: Role, phase: Schemas['Phase'], anchor: Schemas['Anchor'], due: number, text: string]

const TEMPLATES: Template[] = [
  ['weather', 'captain', 'before_departure', 'departure', -180, 'Read the forecast and the tides, and decide'],
  ['briefing', 'captain', 'before_departure', 'departure', -15, 'Brief crew and guests on safety'],
  ['engine', 'first_officer', 'before_departure', 'departure', -90, 'Check engine, oil, fuel and bilge'],
  ['jackets', 'deckhand', 'before_departure', 'departure', -45, 'Count the life jackets and lay them out'],
  ['lines', 'deckhand', 'before_departure', 'departure', -20, 'Clear the dock lines and the fenders'],
  ['galley', 'steward', 'before_departure', 'departure', -40, 'Stow drinks and glasses'],
  ['log', 'captain', 'under_way', 'return', -150, 'Write departure and wind into the log'],
  ['lookout', 'first_officer', 'under_way', 'return', -90, 'Relieve the lookout'],
  ['radio', 'captain', 'return', 'return', -20, 'Call the harbor'],
  ['fenders', 'deckhand', 'return', 'return', -10, 'Fenders out, lines ready'],
  ['headcount', 'captain', 'close_out', 'return', 15, 'Count everybody ashore'],
  ['wash', 'deckhand', 'close_out', 'return', 45, 'Wash the deck and cover the sails'],
]

/** The list that a sail begins with: nobody is asked to do what there is no slot for. */
export function entriesFor(slots: Partial<Record<Role, number>>): Schemas['Entry'][] {
  return TEMPLATES.filter(([, role]) => (slots[role] ?? 0) > 0).map(([entry_id, role, phase, anchor, due_minutes, text]) => ({
    entry_id, role, phase, text, anchor, due_minutes,
  }))
}

/** The list of a sail as the API tells it. */
export function viewOf(sail: FakeSail, now: number): Schemas['ChecklistView'] {
  const phase = phaseOf(sail.detail, now)
  const entries = sail.list.entries.map((template) => {
    const from = template.anchor === 'departure' ? sail.detail.departs_at : sail.detail.returns_at
    const bare = { ...template, due_at: from + template.due_minutes * 60, state: 'waiting' as const }
    const mark = sail.marks.get(template.entry_id)
    const entry = mark?.done ? { ...bare, done_by: mark.person_id, done_at: mark.at } : bare
    return { ...entry, state: stateOf(entry, mark?.done === true, phase, now) }
  })
  return phase === null ? { entries } : { phase, entries }
}

/** How many entries up to a phase are open. */
export function openEntries(sail: FakeSail, now: number, onlyBefore: boolean): number {
  return viewOf(sail, now).entries.filter(
    (entry) => entry.state !== 'done' && (!onlyBefore || entry.phase === 'before_departure'),
  ).length
}
