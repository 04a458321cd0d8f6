// The processes of this machine, as `ps` tells them everywhere.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** The ids of all that a process has started, and of all that those have. */
export async function below(pid) {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number))
  const children = (of) => pairs.filter(([, parent]) => parent === of).map(([id]) => id)
  const all = (of) => children(of).flatMap((id) => [id, ...all(id)])
  return all(pid)
}

/** Whether a process of that id runs. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
