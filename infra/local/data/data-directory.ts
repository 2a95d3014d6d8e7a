import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { StartError } from '../host/lifecycle.ts'

/** Whose data are kept: invented ones and those of providers never meet in one table. */
type DataOrigin = 'simulated' | 'live'

/** The place of everything that outlives a local run. Paths are absolute. */
export interface DataDirectory {
  readonly path: string
  /** The embedded table's files. */
  readonly table: string
  /** Where state machines keep what is under way. */
  readonly executions: string
  readonly log: string
  /** Where an operator may put secrets: an object of parameter name to value. */
  readonly secrets: string
  /** Where the operator's token is kept. */
  readonly operatorToken: string
  /** Lets the next process have it. */
  close(): Promise<void>
}

const MARKER = 'freshet.json'
const NEW_MARKER = 'freshet.json.new'
const FORMAT = 1

/**
 * Takes a data directory for this process, making it if need be.
 *
 * A killed process leaves nothing behind that would keep the next one out: the lock is the operating system's.
 *
 * @throws {StartError} when another process has it, when it is somebody else's directory, of an unknown format, or
 *   when its table is damaged. Nothing is ever deleted.
 */
export async function openDataDirectory(path: string, origin: DataOrigin): Promise<DataDirectory> {
  try {
    await mkdir(path, { recursive: true })
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
    throw new StartError([`cannot use ${path} for data: ${errorText(error)}; choose another FRESHET_DATA`], {
      cause: error,
    })
  }
}

/** The marker is written whole or not at all, so that no crash makes our own directory look like another's. */
async function ensureMarker(path: string): Promise<void> {
  const names = await readdir(path)
  if (names.includes(MARKER)) return checkFormat(path)
  if (names.some((name) => name !== NEW_MARKER)) {
    throw new StartError([
      `${path} is not empty and not Freshet's; choose another FRESHET_DATA, such as ${join(path, 'freshet')}`,
    ])
  }
  await writeFile(join(path, NEW_MARKER), `${JSON.stringify({ format: FORMAT })}\n`)
  await rename(join(path, NEW_MARKER), join(path, MARKER))
}

async function checkFormat(path: string): Promise<void> {
  const format = formatOf(await readFile(join(path, MARKER), 'utf8'))
  if (format === FORMAT) return
  const got = format === undefined ? 'something unreadable' : `format ${JSON.stringify(format)}`
  throw new StartError([
    `${join(path, MARKER)}: expected format ${FORMAT}, got ${got}; choose another FRESHET_DATA, or delete ${path}`,
  ])
}

function formatOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { format?: unknown } | null)?.format
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

async function openDatabase(location: string, path: string): Promise<ClassicLevel> {
  const database = new ClassicLevel(location)
  try {
    await database.open()
    return database
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    switch (cause instanceof Error && 'code' in cause ? cause.code : undefined) {
      case 'LEVEL_LOCKED':
        throw new StartError(
          [`${path} is in use by another process; end that one, or choose another FRESHET_DATA`],
          { cause },
        )
      case 'LEVEL_CORRUPTION':
        throw new StartError(
          [
            `${path} is damaged (${errorText(cause)}); choose another FRESHET_DATA, or delete it and have it filled anew`,
          ],
          { cause },
        )
      default:
        throw cause
    }
  }
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
