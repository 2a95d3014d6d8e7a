import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAtomically } from '../host/files.ts'

/** One execution of a state machine. */
export interface Execution {
  readonly name: string
  readonly job: string
  /** The input of the request, as JSON. */
  readonly input: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

/** The running executions, each in a file of its name, so that they outlive the process as they do in AWS. */
export interface Executions {
  /** Executions that an ended process left running, oldest first. */
  readonly interrupted: readonly Execution[]
  /** Stores an execution atomically. */
  save(execution: Execution): Promise<void>
  remove(name: string): Promise<void>
}

const FILE_SUFFIX = '.json'

/**
 * Opens the folder of executions, and creates it if it does not exist.
 *
 * @param onFault - called for each file that cannot be read; the file is left as it is
 */
export async function openExecutions(folder: string, onFault: (error: unknown) => void): Promise<Executions> {
  await mkdir(folder, { recursive: true })
  const fileOf = (name: string) => join(folder, `${name}${FILE_SUFFIX}`)
  const files = (await readdir(folder)).filter((file) => file.endsWith(FILE_SUFFIX))
  const executions = await Promise.all(files.map((file) => readExecution(join(folder, file), onFault)))
  return {
    interrupted: executions
      .filter((execution) => execution !== undefined)
      .sort((a, b) => a.startedAt - b.startedAt),
    save: (execution) => writeAtomically(fileOf(execution.name), JSON.stringify(execution)),
    remove: (name) => rm(fileOf(name), { force: true }),
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
