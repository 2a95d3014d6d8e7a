import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localFunction } from '#infra/local/function-worker.ts'
import { atTestEnd } from './at-end.ts'
import { temporaryDirectory } from './temporary-directory.ts'

interface MadeChoices {
  readonly name?: string
  readonly timeoutMs?: number
  readonly environment?: Record<string, string>
}

/** A function of the local system made from the text of a bundle, for the length of one test; the lines it writes. */
export async function madeFunction(source: string, choices: MadeChoices = {}) {
  const { name = 'subject', timeoutMs = 10_000, environment = {} } = choices
  const file = join(await temporaryDirectory(), 'index.cjs')
  await writeFile(file, source)
  const lines: string[] = []
  const made = localFunction({
    name,
    file,
    environment: { AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: name, ...environment },
    timeoutMs,
    onLine: (line) => lines.push(line),
  })
  atTestEnd(() => made.close())
  return { ...made, lines }
}
