import { createWriteStream } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { errorCode } from '../host/files.ts'

const MAX_BYTES = 10_000_000

/**
 * A file for log lines; emptied when it is larger than 10 MB at the start.
 *
 * @param onFault - called once when writing fails; later lines are dropped
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
    if (errorCode(error) === 'ENOENT') return 0
    throw error
  }
}
