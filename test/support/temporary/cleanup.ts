import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Takes what clears up after a test, passed or failed. */
export type OnCleanup = (clear: () => Promise<void>) => void

/** Of the one test that runs; concurrent tests pass `onTestFinished` of their own context. */
export const onTestCleanup: OnCleanup = (clear) => onTestFinished(clear)

/** A directory of its own for the length of one test. Absolute path. */
export async function temporaryDirectory(atEnd: OnCleanup = onTestCleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'freshet-'))
  atEnd(() => rm(path, { recursive: true, force: true, maxRetries: 3 }))
  return path
}
