import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { STATS_PATH, startAndWait } from '#test/support/process/local-process.ts'
import { fixedResponse, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const JOBS = '/v1/jobs'

/** A started system, its data directory, and the token that it prints. */
async function started(atEnd: OnCleanup, more: Readonly<Record<string, string>> = {}) {
  const data = await temporaryDirectory(atEnd)
  const settings = { FRESHET_DATA: data, ...more }
  const system = await startAndWait(settings, atEnd, { only: ['global-market', 'symbol-universe'] })
  return { data, settings, system, token: tokenIn(await system.waitForLine(/^Operator token: /)) }
}

function tokenIn(line: string): string {
  return line.replace('Operator token: ', '')
}

function bearer(token: string) {
  return { headers: { authorization: `Bearer ${token}` } }
}

describe.concurrent('an operator of one machine', () => {
  test('is authorized by the printed token alone; each rejection is a line of the log (F47)', async ({
    onTestFinished: atEnd,
  }) => {
    const { data, system, token } = await started(atEnd)

    const responses = await Promise.all([
      system.request(JOBS),
      system.request(JOBS, bearer('A'.repeat(43))),
      system.request(JOBS, bearer('eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvcGVyYXRvciJ9.c2lnbmVk')),
      system.request(JOBS, bearer(token)),
      system.request('/v1/jobs/global-market/pause', { method: 'POST' }),
    ])
    system.child.kill('SIGTERM')
    await system.ended
    const log = await readFile(join(data, 'log.jsonl'), 'utf8')
    const lines = log.trimEnd().split('\n')
    const rejections = lines
      .map((line) => JSON.parse(line))
      .filter(({ message }) => message === 'access denied')

    expect(responses.map(({ status }) => status)).toEqual([401, 401, 403, 200, 401])
    expect(responses.map(({ body }) => JSON.parse(body.toString()).message)).toEqual([
      'Unauthorized',
      'Unauthorized',
      'Forbidden',
      undefined,
      'Unauthorized',
    ])
    expect(rejections.map(({ path, status }) => `${path} ${status}`).sort()).toEqual([
      '/v1/jobs 401',
      '/v1/jobs 401',
      '/v1/jobs 403',
      '/v1/jobs/global-market/pause 401',
    ])
    for (const secret of [token, 'AAAAA', 'eyJ']) expect(log).not.toContain(secret)
  })

  test('keeps the token over a restart, in a file that only its owner may read', async ({
    onTestFinished: atEnd,
  }) => {
    const { data, settings, system, token } = await started(atEnd)
    await system.kill()

    const again = await startAndWait(settings, atEnd, { only: ['global-market', 'symbol-universe'] })
    const printed = tokenIn(await again.waitForLine(/^Operator token: /))
    const answer = await again.request(JOBS, bearer(token))
    const { mode } = await stat(join(data, 'operator-token'))

    expect(token).toMatch(/^[\w-]{43}$/)
    expect(printed).toBe(token)
    expect(answer.status).toBe(200)
    expect((mode & 0o777).toString(8)).toBe('600')
  })
})

test('an operator sees rejected bodies, ends a cool-down and purges what is stored, with an entry each in the audit', async ({
  onTestFinished: atEnd,
}) => {
  const upstream = await scriptedUpstream(atEnd)
  const { system } = await started(atEnd, { ...upstream.setting, GLOBAL_STATS_MAX_RETRIES: '1' })
  const operator = await system.operator()
  const job = { path: { id: 'global-market' } }
  const failedRun = async (reply: Parameters<typeof upstream.respondWith>[0], reason: string) => {
    upstream.respondWith(reply)
    await operator.post('/v1/jobs/{id}/runs', job)
    await system.waitForLine(new RegExp(`global-market {2}failed \\(${reason}\\)`))
  }
  await system.waitForLine(/global-market {2}succeeded/)

  await failedRun(
    fixedResponse(200, 'application/json', '{"data":{"active_cryptocurrencies":"many"}}'),
    'malformed',
  )
  const rejected = await operator.get('/v1/jobs/{id}/rejected', job)
  await failedRun(fixedResponse(429, 'text/plain', 'slow down', { 'retry-after': '300' }), 'rate-limited')
  const reset = await operator.post('/v1/upstreams/{id}/reset', { path: { id: 'coingecko' } })
  const purge = (id: string) =>
    operator.post('/v1/jobs/{id}/purge', { path: { id }, body: { all: true, confirm: id } })
  const purged = await purge('global-market')
  const purgedSet = await purge('symbol-universe')
  const rejectedAfter = await operator.get('/v1/jobs/{id}/rejected', job)
  const audit = await operator.get('/v1/audit')

  expect(rejected.body.rejected).toMatchObject([{ body: expect.stringContaining('many') }])
  expect(reset.body.name).toBe('coingecko')
  expect(purged).toMatchObject({
    status: 200,
    body: { job: 'global-market', purged: { items: 1, rejected: 1, history: 0 } },
  })
  expect(purgedSet.body.purged).toEqual({
    items: expect.toSatisfy((items) => items > 0),
    rejected: 0,
    history: 0,
  })
  expect(rejectedAfter.body.rejected).toEqual([])
  const actions = audit.body.entries.map(({ action }) => action)
  expect(actions).toEqual(expect.arrayContaining(['trigger', 'reset', 'purge']))
})

test('an operator breaks a provider, and explain names the answer, the end of the cool-down and the next tick', async ({
  onTestFinished: atEnd,
}) => {
  const upstream = await scriptedUpstream(atEnd)
  const { system } = await started(atEnd, { ...upstream.setting, GLOBAL_STATS_MAX_RETRIES: '1' })
  const operator = await system.operator()
  const job = { path: { id: 'global-market' } }
  const explain = async () => (await operator.get('/v1/jobs/{id}/explain', job)).body
  const answer = (id: string, key: string) =>
    operator.request('GET /v1/jobs/{id}/explain', { path: { id }, query: { key } })
  await system.waitForLine(/global-market {2}succeeded/)

  const fresh = await explain()
  upstream.respondWith(fixedResponse(429, 'text/plain', 'slow down', { 'retry-after': '1800' }))
  await operator.post('/v1/jobs/{id}/runs', job)
  await system.waitForLine(/global-market {2}failed \(rate-limited\)/)
  await operator.post('/v1/jobs/{id}/invalidate', { ...job, body: { all: true } })
  const broken = await explain()
  const key = await answer('global-market', 'global')
  const until = new Date(Date.now() + 3_600_000).toISOString()
  const body = { until, reason: 'the provider is repaired' }
  await operator.post('/v1/jobs/{id}/pause', { ...job, body })
  const paused = await explain()
  const unknown = await answer('unknown', 'global')
  const otherForm = await answer('global-market', 'other')

  expect(fresh).toMatchObject({ state: 'fresh', cause: { code: 'fresh' }, next: { code: 'tick' } })
  expect(broken).toMatchObject({
    state: 'stale',
    cause: { code: 'cool-down', text: expect.stringMatching(/^CoinGecko is in a cool-down since .*: .*429/) },
    next: {
      code: 'tick',
      text: expect.stringMatching(/^CoinGecko may be called again at .*; the next tick that can run is at /),
    },
  })
  const coolDownEnd = broken.facts.find(({ name }) => name === 'upstream:coingecko')?.value
  expect(coolDownEnd).toMatch(/^cool-down until /)
  expect(key.body).toMatchObject({ key: 'global', state: 'stale', cause: broken.cause })
  expect(paused.cause.text).toMatch(/^The job is paused until .*: by .+: the provider is repaired$/)
  expect(Date.parse(paused.next.at ?? '')).toBeGreaterThan(Date.now() + 3_000_000)
  expect([unknown.status, otherForm.status]).toEqual([404, 400])
})

describe.concurrent('a page of another origin', () => {
  const OURS = 'https://app.example'
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'GET' },
  })
  const corsOf = ({ headers }: { headers: object }) =>
    Object.keys(headers).filter((name) => name.startsWith('access-control-'))

  test('may read where the settings name it, and never steer (F50)', async ({ onTestFinished: atEnd }) => {
    const { system, token } = await started(atEnd, { FRESHET_CORS_ORIGINS: OURS })

    const read = await system.request(STATS_PATH, { headers: { origin: OURS } })
    const allowed = await system.request(STATS_PATH, preflight(OURS))
    const foreign = await system.request(STATS_PATH, { headers: { origin: 'https://evil.example' } })
    const foreignPreflight = await system.request(STATS_PATH, preflight('https://evil.example'))
    const steered = await system.request(JOBS, { headers: { origin: OURS, ...bearer(token).headers } })
    const operatorPreflight = await system.request(JOBS, preflight(OURS))

    expect([read.status, read.headers['access-control-allow-origin']]).toEqual([200, OURS])
    expect(allowed.status).toBe(204)
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': OURS,
      'access-control-allow-methods': 'GET, HEAD',
    })
    expect([foreign.status, foreignPreflight.status, operatorPreflight.status]).toEqual([200, 405, 405])
    for (const answer of [foreign, foreignPreflight, steered, operatorPreflight])
      expect(corsOf(answer)).toEqual([])
    expect(foreign.headers['vary']).toBe('Accept-Encoding, Origin')
  })

  test('gets no CORS header where no origin is configured (F50)', async ({ onTestFinished: atEnd }) => {
    const { system } = await started(atEnd)

    const read = await system.request(STATS_PATH, { headers: { origin: OURS } })

    expect([read.status, read.headers['vary']]).toEqual([200, 'Accept-Encoding'])
    expect(corsOf(read)).toEqual([])
  })
})
