import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { listenHttp } from '#test/support/http/sockets.ts'
import { startAndWait } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { TOY_SYMBOLS, toyProject } from '#test/support/temporary/project-copy.ts'

let copy: string
const afterwards: (() => Promise<void>)[] = []

beforeAll(async () => {
  copy = await toyProject((clear) => afterwards.push(clear))
  // on a busy machine a start that bundles takes longer than a test waits for a line
  const env = { PATH: process.env['PATH'] }
  await promisify(execFile)(process.execPath, ['infra/bundle/build.ts'], { cwd: copy, env })
}, 180_000)

afterAll(() => Promise.all(afterwards.map((clear) => clear())))

/** A provider of toys that a test can make silent for some symbols; the symbols that were requested. */
async function toys() {
  const requests: string[] = []
  let isSilent = (_symbol: string) => false
  const answer: RequestListener = (request, response) => {
    const symbol = new URL(request.url ?? '', 'http://toy').searchParams.get('symbol') ?? ''
    requests.push(symbol)
    if (isSilent(symbol)) return
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ symbol, price: 1, at: Date.now() }))
  }
  return {
    origin: await listenHttp(answer),
    requests,
    silentOn: (symbols: readonly string[]) => {
      isSilent = (symbol) => symbols.includes(symbol)
    },
  }
}

/** `npm start` in the copy, and what an operator sees of the jobs. */
async function system(data: string, origin: string) {
  const settings = { FRESHET_DATA: data, FRESHET_UPSTREAM_TOY_URL: origin }
  const started = await startAndWait(settings, undefined, { cwd: copy, only: ['toy-items', 'toy-snapshot'] })
  const operator = await started.operator()
  const runs = async (id: string) => (await operator.get('/v1/jobs/{id}/runs', { path: { id } })).body.runs
  return { ...started, runs }
}

/** Executions of the toys that are kept; other jobs have theirs. */
const executions = async (data: string) =>
  (await readdir(join(data, 'simulated-executions'))).filter((name) => name.startsWith('toy-'))

describe('a job whose runs are tasks', () => {
  test('gets its first run from its state machine, and is public after that', async () => {
    const { origin, requests } = await toys()
    const data = await temporaryDirectory()
    const { request, waitForLine, runs } = await system(data, origin)

    await waitForLine(/toy-items {2}succeeded/)
    await waitForLine(/toy-snapshot {2}succeeded/)
    const item = await request('/v1/toys/S6')
    const set = await request('/v1/toys')

    expect([item.status, set.status]).toEqual([200, 200])
    expect(JSON.parse(item.body.toString())).toMatchObject({ data: { symbol: 'S6', price: 1 } })
    expect(requests.toSorted()).toEqual([...TOY_SYMBOLS, ...TOY_SYMBOLS].sort())
    expect(await runs('toy-items')).toMatchObject([{ outcome: 'succeeded', cause: 'first-run' }])
    await vi.waitFor(async () => expect(await executions(data)).toEqual([]), { timeout: 5_000 })
  })

  test.each([
    ['is killed', 'SIGKILL', 'SIGKILL'],
    ['is ended', 'SIGINT', 0],
  ] as const)(
    'continues its task after its process %s in the middle, and requests nothing twice',
    async (_, signal, code) => {
      const { origin, requests, silentOn } = await toys()
      const data = await temporaryDirectory()
      silentOn(['S3', 'S4', 'S5'])
      const first = await system(data, origin)
      await vi.waitFor(() => expect(requests.filter((symbol) => symbol === 'S6')).toHaveLength(2), {
        timeout: 20_000,
      })
      const [before] = await first.runs('toy-items')
      const from = performance.now()
      first.child.kill(signal)
      const ended = await first.ended
      const took = performance.now() - from
      const left = await executions(data)
      silentOn([])
      const second = await system(data, origin)
      await second.waitForLine(/toy-items {2}succeeded/)
      await second.waitForLine(/toy-snapshot {2}succeeded/)
      const [after, ...others] = await second.runs('toy-items')

      expect(ended).toBe(code)
      expect(took).toBeLessThan(2_000)
      expect(left.toSorted()).toEqual([
        `${before?.run_id}.json`,
        expect.stringMatching(/^toy-snapshot-.*\.json$/),
      ])
      expect(after).toMatchObject({
        run_id: before?.run_id,
        outcome: 'succeeded',
        counts: { planned: 7, failed: 0 },
      })
      expect(others).toEqual([])
      expect(requests.filter((symbol) => symbol === 'S0')).toHaveLength(2)
      expect((await second.request('/v1/toys/S3')).status).toBe(200)
      await vi.waitFor(async () => expect(await executions(data)).toEqual([]), { timeout: 5_000 })
    },
  )
})
