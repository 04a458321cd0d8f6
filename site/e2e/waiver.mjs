/** Fills a waiver in as a person would, and draws a signature. `risk`: a condition that puts it on hold. */
export async function fillWaiver(page, { name, risk }) {
  await page.getByLabel('Full name', { exact: true }).fill(name)
  await page.getByLabel('Date of birth').fill('1988-05-17')
  await page.getByLabel('Whom do we call?').fill('Kim Haddad')
  await page.getByLabel('Their telephone number').fill('+1 619 555 0142')
  await page.getByRole('radio', { name: risk ? 'Yes' : 'No, nothing' }).check()
  if (risk) {
    await page.getByRole('checkbox', { name: risk }).check()
    await page.getByLabel('In your own words').fill('Since childhood. The inhaler is in my bag.')
  }
  await page.getByLabel('I have read and understood it.').check()
  await page.getByLabel('Your signature').fill(name)
  const pad = page.getByRole('img', { name: 'Draw it with a finger' })
  await pad.scrollIntoViewIfNeeded()
  const box = await pad.boundingBox()
  await page.mouse.move(box.x + 40, box.y + 90)
  await page.mouse.down()
  for (const [x, y] of [[80, 40], [110, 100], [160, 50], [210, 95]]) await page.mouse.move(box.x + x, box.y + y)
  await page.mouse.up()
}
