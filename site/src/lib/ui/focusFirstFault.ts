import { nextTick } from 'vue'

/** The first field at fault gets the focus, once it is marked, so that nobody looks for it. */
export async function focusFirstFault(form: HTMLElement | null): Promise<void> {
  await nextTick()
  form?.querySelector<HTMLElement>('[aria-invalid], fieldset[aria-describedby] input')?.focus()
}
