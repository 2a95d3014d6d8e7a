import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { WireResponse } from '#test/support/http/exchange.ts'
import { type LocalProcess, startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const ROOT = process.cwd()
const JOBS = { only: ['symbol-universe', 'hama', 'top-gainers'] }
const TASK = 'hama-…'

/** One line of the page: a request, and what is said of its answer. */
interface Step {
  readonly line: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly status: number
  /** A header or a piece of the body; empty where the page has none. */
  readonly excerpt: string
}

async function stepsOf(page: string): Promise<readonly Step[]> {
  const text = await readFile(join(ROOT, page), 'utf8')
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = '']) => block)
  const values = new Map(
    [...text.matchAll(/^([A-Z])=http:\/\/localhost:8787(\S+)$/gm)].map(([, name, path]) => [name, path]),
  )
  return blocks
    .flatMap((block) => block.split('\n').filter((line) => line.startsWith('curl ')))
    .map((line) => stepOf(line, values))
}

function stepOf(line: string, values: ReadonlyMap<string | undefined, string | undefined>): Step {
  const [, command = '', status = '', excerpt = ''] = /^(.*?)\s+# (\d{3})(?: (.*))?$/.exec(line) ?? []
  const words = [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    (word) => word[1] ?? word[2] ?? word[3] ?? '',
  )
  const after = (option: string) =>
    words.flatMap((word, index) => (word === option ? [words[index + 1] ?? ''] : []))
  const url = words.find((word) => /^\$[A-Z]\//.test(word)) ?? ''
  const headers = Object.fromEntries(after('-H').map((header) => header.split(': ', 2)))
  return {
    line,
    method: after('-X')[0] ?? 'GET',
    target: `${values.get(url[1])}${url.slice(2)}`,
    headers,
    body: after('-d')[0],
    status: Number(status),
    excerpt,
  }
}

/** What curl would print of an answer. */
function printed({ headers, body }: WireResponse): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return `${lines.join('\n')}\n\n${body}`
}

/** A task's answer changes until it has ended. */
async function finalResponse(
  system: LocalProcess,
  step: Step,
  sent: Parameters<LocalProcess['request']>[1],
  task: string,
) {
  for (;;) {
    const answer = await system.request(step.target.replace(TASK, task), sent)
    const isUnderWay =
      step.target.endsWith(TASK) && /"status":"(?:pending|running)"/.test(String(answer.body))
    if (!isUnderWay) return answer
  }
}

test('each command of docs/hama.md gets the documented response', async ({ onTestFinished: atEnd }) => {
  const steps = await stepsOf('docs/hama.md')
  const system = await startAndWait({ FRESHET_DATA: await temporaryDirectory(atEnd) }, atEnd, JOBS)
  const token = (await system.waitForLine(/^Operator token: /)).replace('Operator token: ', '')
  await system.waitForLine(/ hama {2}succeeded/)

  let task = ''
  for (const step of steps) {
    const headers = Object.fromEntries(
      Object.entries(step.headers).map(([name, value]) => [name, value.replace('$T', token)]),
    )
    const sent = { method: step.method, headers, ...(step.body === undefined ? {} : { body: step.body }) }
    const answer = await finalResponse(system, step, sent, task)

    expect([step.line, answer.status]).toEqual([step.line, step.status])
    expect(printed(answer).toLowerCase(), step.line).toContain(step.excerpt.toLowerCase())
    task = /"task_id":"([^"]+)"/.exec(String(answer.body))?.[1] ?? task
  }
  expect(steps.length).toBeGreaterThan(20)
})
