import { appendFile, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { UsedPermission } from '#infra/local/aws/roles.ts'

/** The parts of roles that the processes of the acceptance suite have used, one line of JSON each. */
const FILE = join(process.cwd(), 'dist/meta/permissions-used.jsonl')

/** Starts a new list. */
export async function resetUsedPermissions(): Promise<void> {
  await rm(FILE, { force: true })
}

/**
 * Adds what a process that has ended has used, by the log in its data directory.
 *
 * @throws when the role of one of its functions has denied a call, with the call
 */
export async function recordUsedPermissions(dataDirectory: string | undefined): Promise<void> {
  if (dataDirectory === undefined) return
  const log = await readOrEmpty(join(dataDirectory, 'log.jsonl'))
  const lines = log.split('\n').filter((line) => line.includes('"permission used"'))
  const denied = log.split('\n').filter((line) => line.includes('"access denied: the role of '))
  if (denied.length > 0) throw new Error(`expected roles that allow every call, got ${denied.join()}`)
  if (lines.length === 0) return
  await mkdir(dirname(FILE), { recursive: true })
  await appendFile(FILE, `${lines.join('\n')}\n`)
}

/** What was used since the last reset; each part as often as processes have used it. */
export async function usedPermissions(): Promise<readonly UsedPermission[]> {
  const lines = (await readOrEmpty(FILE)).split('\n').filter((line) => line !== '')
  return lines.map((line) => JSON.parse(line) as UsedPermission)
}

async function readOrEmpty(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
}
