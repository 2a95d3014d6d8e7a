import { readFile } from 'node:fs/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { schemas as eventSchemas } from '#functions/jobs/geo-events/schema.ts'
import { schemas } from '#functions/jobs/macro-indicators/schema.ts'
import { localDate } from '#shared/domain/time.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const HOST = 'http://localhost:8787'
/** The calls of a run take a minute at the pace that FRED allows. */
const RUN_TIMEOUT_MS = 150_000
const SCHEMAS: readonly (readonly [
  path: RegExp,
  schema: { safeParse(body: unknown): { error?: unknown } },
])[] = [
  [/\/geopolitical-events/, eventSchemas['/api/v1/macro/geopolitical-events']],
  [/\/indicators\//, schemas['/api/v1/macro/indicators/{series_id}']],
  [/\/indicators/, schemas['/api/v1/macro/indicators']],
  [/\/monetary-policy/, schemas['/api/v1/macro/monetary-policy']],
]

interface Command {
  readonly method: string
  readonly target: string
}

/** The walkthrough's requests, in order, as a shell expands them. */
async function commands(): Promise<readonly Command[]> {
  const text = await readFile('docs/macro.md', 'utf8')
  const [, prefix = ''] = /^P=(\S+)$/m.exec(text) ?? []
  const today = localDate('America/New_York', Date.now())
  return [...text.matchAll(/^curl .*$/gm)].map(([command]) => {
    const expanded = command.replace('$P', prefix).replace('$(TZ=America/New_York date +%F)', today)
    const [url = ''] = /http:[^" ]*/.exec(expanded) ?? []
    return { method: command.includes('-X POST') ? 'POST' : 'GET', target: url.slice(HOST.length) }
  })
}

test(
  'the walkthrough of docs/macro.md works line by line',
  async () => {
    const data = await temporaryDirectory((clear) => onTestFinished(clear))
    const system = await startAndWait({ FRESHET_DATA: data })
    const token = await system.waitForLine(/^Operator token: /)
    const headers = { authorization: token.replace('Operator token: ', 'Bearer ') }
    const all = await commands()
    const reads = all.filter(({ method }) => method === 'GET')
    const triggers = all.filter(({ method }) => method === 'POST')
    expect([reads.length, triggers.length]).toEqual([7, 2])

    // the first runs begin by themselves: others meet them
    for (const { method, target } of triggers)
      expect([202, 409]).toContain((await system.request(target, { method, headers })).status)
    for (const { target } of reads) {
      // each series is published once it is fetched
      const answer = await vi.waitFor(
        async () => {
          const got = await system.request(target)
          expect([target, got.status]).toEqual([target, 200])
          return got
        },
        { timeout: RUN_TIMEOUT_MS, interval: 500 },
      )
      const body = JSON.parse(answer.body.toString())
      const [, schema] = SCHEMAS.find(([path]) => path.test(target)) ?? []

      expect([target, answer.status, schema?.safeParse(body).error]).toEqual([target, 200, undefined])
      expect(answer.headers['x-data-source']).toBe('simulated')
      expect(body.meta.notice).toMatch(/FRED® API|GDELT/)
    }
  },
  RUN_TIMEOUT_MS + 60_000,
)
