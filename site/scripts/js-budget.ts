import { gzipSync } from 'node:zlib'
import type { Plugin } from 'vite'

/** Fails the build when all JavaScript together, each file compressed, is larger than the budget in bytes. */
export function jsBudget(gzipBytes: number): Plugin {
  return {
    name: 'js-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const spent = Object.values(bundle)
        .filter((file) => file.type === 'chunk')
        .reduce((sum, chunk) => sum + gzipSync(chunk.code).length, 0)
      const verdict = `JavaScript: ${kilobytes(spent)} of ${kilobytes(gzipBytes)} kB (gzip)`
      if (spent > gzipBytes) this.error(`${verdict}. Take something out, or raise the budget on purpose.`)
      this.info(verdict)
    },
  }
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(1)
}
