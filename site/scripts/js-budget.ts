import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/**
 * Fails the build when the JavaScript of the first load, each file compressed, is larger than the budget in bytes. The
 * first load is what the document names and what that imports: everything up to the sign-in.
 */
export function jsBudget(gzipBytes: number): Plugin {
  return {
    name: 'js-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      const first = new Set<string>(chunks.filter((chunk) => chunk.isEntry).map((chunk) => chunk.fileName))
      // The set grows while it is walked, until nothing new is imported.
      for (const name of first) chunks.find((chunk) => chunk.fileName === name)?.imports.forEach((file) => first.add(file))
      const size = (names: (name: string) => boolean) =>
        chunks.filter((chunk) => names(chunk.fileName)).reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0)
      const spent = size((name) => first.has(name))
      const later = size((name) => !first.has(name))
      const verdict = `JavaScript: ${kilobytes(spent)} of ${kilobytes(gzipBytes)} kB (gzip) at first, ${kilobytes(later)} later`
      if (spent > gzipBytes) this.error(`${verdict}. Take something out, or raise the budget on purpose.`)
      this.info(verdict)
    },
  }
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}
