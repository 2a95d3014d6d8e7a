import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { errorMessage } from '#shared/domain/text.ts'
import { createDirectory, errorCode, parseObject, writeAtomically } from '../host/files.ts'
import { StartError } from '../host/lifecycle.ts'

/** Where the data come from: simulated data and those of real providers never share a table. */
type DataOrigin = 'simulated' | 'live'

/** The directory of everything that outlives a local run. Paths are absolute. */
export interface DataDirectory {
  readonly path: string
  /** Directory of the embedded table. */
  readonly table: string
  /** Directory of the executions of state machines. */
  readonly executions: string
  readonly log: string
  /** File of the operator's secrets: an object of parameter name to value. */
  readonly secrets: string
  /** File of the operator's token. */
  readonly operatorToken: string
  /** Releases the lock. */
  close(): Promise<void>
}

const MARKER = 'freshet.json'
const NEW_MARKER = `${MARKER}.new`
const FORMAT = 1

/**
 * Locks a data directory for this process, and creates it if it does not exist. The operating system releases the
 * lock of a killed process. Nothing is ever deleted.
 *
 * @throws {StartError} when the directory cannot be created, is locked, belongs to something else, or has an unknown
 *   format, or when its table is damaged
 */
export async function openDataDirectory(path: string, origin: DataOrigin): Promise<DataDirectory> {
  try {
    await createDirectory(path)
    await ensureMarker(path)
    const lock = await openDatabase(join(path, 'lock'), path)
    const table = join(path, origin)
    try {
      await (await openDatabase(table, path)).close()
    } catch (error) {
      await lock.close()
      throw error
    }
    return {
      path,
      table,
      executions: join(path, `${origin}-executions`),
      log: join(path, 'log.jsonl'),
      secrets: join(path, 'secrets.json'),
      operatorToken: join(path, 'operator-token'),
      close: () => lock.close(),
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    const message = `cannot use ${path} for data: ${errorMessage(error)}; choose another FRESHET_DATA`
    throw new StartError([message], { cause: error })
  }
}

/** The marker is written atomically: a crash must not make our own directory look like another one's. */
async function ensureMarker(path: string): Promise<void> {
  const names = await readdir(path)
  if (names.includes(MARKER)) return checkFormat(path)
  if (names.some((name) => name !== NEW_MARKER)) {
    throw new StartError([
      `${path} is not empty and not Freshet's; choose another FRESHET_DATA, such as ${join(path, 'freshet')}`,
    ])
  }
  await writeAtomically(join(path, MARKER), `${JSON.stringify({ format: FORMAT })}\n`)
}

async function checkFormat(path: string): Promise<void> {
  const format = parseObject(await readFile(join(path, MARKER), 'utf8'))?.['format']
  if (format === FORMAT) return
  const got = format === undefined ? 'something unreadable' : `format ${JSON.stringify(format)}`
  throw new StartError([
    `${join(path, MARKER)}: expected format ${FORMAT}, got ${got}; choose another FRESHET_DATA, or delete ${path}`,
  ])
}

async function openDatabase(location: string, path: string): Promise<ClassicLevel> {
  const database = new ClassicLevel(location)
  try {
    await database.open()
    return database
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const message = databaseErrorText(cause, path)
    if (message === undefined) throw cause
    throw new StartError([message], { cause })
  }
}

function databaseErrorText(error: unknown, path: string): string | undefined {
  switch (errorCode(error)) {
    case 'LEVEL_LOCKED':
      return `${path} is in use by another process; end that one, or choose another FRESHET_DATA`
    case 'LEVEL_CORRUPTION':
      return `${path} is damaged (${errorMessage(error)}); choose another FRESHET_DATA, or delete it to start with an empty one`
    default:
      return undefined
  }
}
