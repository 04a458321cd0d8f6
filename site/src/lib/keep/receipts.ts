// Who has signed by a guest's link on this device: the server tells a guest's page nothing of it.
import type { WaiverReceipt } from '../api/waivers'
import { keepAnswer, keptAnswer } from './answers'

/** A guest's waiver that the server has taken. */
export interface KeptReceipt {
  /** Who signed. */
  name: string
  receipt: WaiverReceipt
}

const nameOf = (link: string) => `receipts/${link}`

/** The latest first. */
export async function keptReceipts(link: string): Promise<KeptReceipt[]> {
  return (await keptAnswer<KeptReceipt[]>(nameOf(link)))?.value ?? []
}

export async function keepReceipt(link: string, name: string, receipt: WaiverReceipt): Promise<void> {
  const others = (await keptReceipts(link)).filter((each) => each.receipt.waiver_id !== receipt.waiver_id)
  await keepAnswer(nameOf(link), [{ name, receipt }, ...others])
}
