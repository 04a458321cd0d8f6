import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import { listCrew, type CrewMember } from '../lib/api/crew'
import { ApiError } from '../lib/api/transport'
import { keepAnswer, keptAnswer } from '../lib/keep/answers'

/** Under this name the device keeps the crew. */
const KEPT_AS = 'crew'

/** The crew by key: lists tell keys, readers want names. */
export const useCrew = defineStore('crew', () => {
  const members = shallowRef<CrewMember[]>([])
  const names = computed(() => new Map(members.value.map((member) => [member.person_id, member.name])))

  /** Reads the crew: what is kept at once, then what the server says. Without an answer it stays as it was. */
  async function load(): Promise<void> {
    const kept = await keptAnswer<CrewMember[]>(KEPT_AS)
    if (kept && members.value.length === 0) members.value = kept.value
    try {
      members.value = await listCrew()
      await keepAnswer(KEPT_AS, members.value)
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause
    }
  }

  /** What people call this person; somebody who was shut out has no name here. */
  function nameOf(person_id: string | null | undefined): string {
    return (person_id && names.value.get(person_id)) || 'somebody of the crew'
  }

  return { members, load, nameOf }
})
