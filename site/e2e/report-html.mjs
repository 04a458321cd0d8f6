// Checks the HTML of the executive reports: pages by the recommended rules, mails by those of them that mail programs
// know of.
import { HtmlValidate } from 'html-validate'

const PAGE = {
  root: true,
  extends: ['html-validate:recommended'],
  rules: { 'doctype-style': ['error', { style: 'lowercase' }] },
}
const MAIL = {
  ...PAGE,
  rules: {
    ...PAGE.rules,
    // Several programs drop style sheets: every element has its own styles.
    'no-inline-style': 'off',
    // Outlook lays tables out by width, align, cellpadding and cellspacing, and by no style.
    'no-deprecated-attr': 'off',
    // Some drop elements that HTML 4 did not have, <main> too; its role on a <div> they leave.
    'prefer-native-element': 'off',
    // The parser puts it there: in forty tables it would only be bytes on the way to the 102 KB at which mails are cut.
    'prefer-tbody': 'off',
  },
}
const page = new HtmlValidate(PAGE)
const mail = new HtmlValidate(MAIL)

/** What is wrong with the HTML of a report's file, a line each. */
export async function htmlFaults(name, text) {
  const { results } = await (name.endsWith('.web.html') ? page : mail).validateString(text, name)
  const faults = results.flatMap(({ messages }) => messages)
  return faults.map(({ line, column, ruleId, message }) => `${name}:${line}:${column}: ${message} [${ruleId}]`)
}
