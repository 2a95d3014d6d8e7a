import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type OnCleanup, onTestCleanup } from './at-end.ts'

/** A directory of its own for the length of one test. Absolute path. */
export async function temporaryDirectory(atEnd: OnCleanup = onTestCleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'freshet-'))
  atEnd(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}
