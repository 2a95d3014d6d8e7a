import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { localFunction } from '#infra/local/functions/function-worker.ts'
import { defined } from '#shared/domain/defined.ts'
import { onTestCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

interface BundledFunctionOptions {
  readonly name?: string
  readonly timeoutMs?: number
  readonly unusedLifeMs?: number
  readonly environment?: Record<string, string>
}

/** A function of the local system made from the text of a bundle, for the length of one test; the lines it writes. */
export async function bundledFunction(source: string, choices: BundledFunctionOptions = {}) {
  const { name = 'subject', timeoutMs = 10_000, unusedLifeMs, environment = {} } = choices
  const file = join(await temporaryDirectory(), 'index.cjs')
  await writeFile(file, source)
  const lines: string[] = []
  const bundled = localFunction({
    name,
    file,
    environment: { AWS_REGION: 'eu-central-1', AWS_LAMBDA_FUNCTION_NAME: name, ...environment },
    timeoutMs,
    ...defined({ unusedLifeMs }),
    onLine: (line) => lines.push(line),
  })
  onTestCleanup(() => bundled.close())
  return { ...bundled, lines }
}
