import { createWriteStream } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { finished } from 'node:stream/promises'

const MAX_BYTES = 10_000_000

/**
 * A file that log lines are appended to; begun anew when it has grown over 10 MB.
 *
 * @param onFault - told once when it cannot be written any more; later lines are dropped
 */
export async function openLogFile(file: string, onFault: (error: Error) => void) {
  if ((await sizeOf(file)) > MAX_BYTES) await truncate(file)
  const stream = createWriteStream(file, { flags: 'a' })
  stream.once('error', onFault)
  return {
    append: (line: string): void => {
      if (stream.writable) stream.write(`${line}\n`)
    },
    close: async (): Promise<void> => {
      if (stream.errored) return
      stream.end()
      await finished(stream)
    },
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
}
