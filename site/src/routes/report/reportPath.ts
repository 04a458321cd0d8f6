/** Where a report is kept: `/api/reports/ceo.2026-11-21.<invocation>.html`. */
export function reportPath(of: { report: string; day: string; invocation: string }): string {
  return `/api/reports/${[of.report, of.day, of.invocation].map(encodeURIComponent).join('.')}.html`
}
