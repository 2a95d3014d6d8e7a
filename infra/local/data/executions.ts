import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One execution of a state machine. */
export interface Execution {
  readonly name: string
  readonly job: string
  /** As it was given: JSON. */
  readonly input: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** The executions under way, each a file of its name, so that they outlive a process as they would in a deployment. */
export interface Executions {
  /** Those that an ended process has left under way, oldest first. */
  readonly interrupted: readonly Execution[]
  /** Written whole or not at all. */
  save(execution: Execution): Promise<void>
  /** At its end. */
  remove(name: string): Promise<void>
}

const FILE_SUFFIX = '.json'

/**
 * Opens the folder of executions, making it if need be.
 *
 * @param onFault - told of each file that cannot be read; it stays where it is
 */
export async function openExecutions(folder: string, onFault: (error: unknown) => void): Promise<Executions> {
  await mkdir(folder, { recursive: true })
  const names = (await readdir(folder)).filter((name) => name.endsWith(FILE_SUFFIX))
  const left = await Promise.all(names.map((name) => readExecution(join(folder, name), onFault)))
  return {
    interrupted: left.filter((one) => one !== undefined).sort((a, b) => a.startedAt - b.startedAt),
    async save(execution) {
      const path = join(folder, `${execution.name}${FILE_SUFFIX}`)
      await writeFile(`${path}.new`, JSON.stringify(execution))
      await rename(`${path}.new`, path)
    },
    remove: (name) => rm(join(folder, `${name}${FILE_SUFFIX}`), { force: true }),
  }
}

async function readExecution(
  path: string,
  onFault: (error: unknown) => void,
): Promise<Execution | undefined> {
  const text = await readFile(path, 'utf8')
  try {
    return parseExecution(JSON.parse(text))
  } catch (error) {
    onFault(new Error(`${path} cannot be read and is left as it is`, { cause: error }))
    return undefined
  }
}

function parseExecution(value: unknown): Execution {
  const { name, job, input, startedAt } = (value ?? {}) as Record<string, unknown>
  if (typeof name === 'string' && typeof job === 'string' && typeof input === 'string') {
    if (typeof startedAt === 'number') return { name, job, input, startedAt }
  }
  throw new TypeError(`expected name, job, input and startedAt, got ${JSON.stringify(value)}`)
}
