import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sendRequest } from '#test/support/http/exchange.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import { start, waitForOrigin } from '#test/support/process/local-process.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'
import { TOY_SYMBOLS, toyProject } from '#test/support/temporary/project-copy.ts'

let copy: string
const afterwards: (() => Promise<void>)[] = []

beforeAll(async () => {
  copy = await toyProject((clear) => afterwards.push(clear))
})

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
  const started = start(
    { FRESHET_DATA: data, FRESHET_UPSTREAM_TOY_URL: origin },
    { cwd: copy, only: ['toy-items', 'toy-snapshot'] },
  )
  const url = await waitForOrigin(started)
  const token = (await started.waitForLine(/^Operator token: /)).split(': ')[1]
  const runs = async (job: string) => {
    const { body } = await sendRequest(url, `/v1/jobs/${job}/runs`, {
      headers: { authorization: `Bearer ${token}` },
    })
    return (JSON.parse(body.toString()) as { runs: Record<string, unknown>[] }).runs
  }
  return { ...started, url, runs }
}

/** Executions of the toys that are kept; other jobs have theirs. */
const executions = async (data: string) =>
  (await readdir(join(data, 'simulated-executions'))).filter((name) => name.startsWith('toy-'))

describe('a job whose runs are tasks', () => {
  test('is deployed with a machine, and with the one function that starts it', async () => {
    const cdk = ['node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', 'out']
    const env = { PATH: process.env['PATH'], CDK_DISABLE_CLI_TELEMETRY: 'true' }
    await promisify(execFile)(process.execPath, cdk, { cwd: copy, env })

    const template = JSON.parse(await readFile(join(copy, 'out/Freshet-dev.template.json'), 'utf8'))
    const all: { Type: string; Properties: Record<string, unknown> }[] = Object.values(template.Resources)
    const named = (type: string, name: string) =>
      all.filter(({ Type }) => Type === type).map(({ Properties }) => Properties[name])
    expect(named('AWS::StepFunctions::StateMachine', 'StateMachineName')).toEqual(
      expect.arrayContaining(['Freshet-dev-toy-items', 'Freshet-dev-toy-snapshot']),
    )
    expect(named('AWS::Lambda::Function', 'Description')).toContain(
      'Records tasks and starts their state machines',
    )
    expect(JSON.stringify(named('AWS::CloudWatch::Alarm', 'AlarmName'))).toContain('-dev-timed-out-tasks')
  })

  test('gets its first run from its state machine, and is public after that', async () => {
    const { origin, requests } = await toys()
    const data = await temporaryDirectory()
    const { url, waitForLine, runs } = await system(data, origin)

    await waitForLine(/toy-items {2}succeeded/)
    await waitForLine(/toy-snapshot {2}succeeded/)
    const item = await sendRequest(url, '/v1/toys/S6')
    const set = await sendRequest(url, '/v1/toys')

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
        `${before?.['run_id']}.json`,
        expect.stringMatching(/^toy-snapshot-.*\.json$/),
      ])
      expect(after).toMatchObject({
        run_id: before?.['run_id'],
        outcome: 'succeeded',
        counts: { planned: 7, failed: 0 },
      })
      expect(others).toEqual([])
      expect(requests.filter((symbol) => symbol === 'S0')).toHaveLength(2)
      expect((await sendRequest(second.url, '/v1/toys/S3')).status).toBe(200)
      await vi.waitFor(async () => expect(await executions(data)).toEqual([]), { timeout: 5_000 })
    },
  )
})
