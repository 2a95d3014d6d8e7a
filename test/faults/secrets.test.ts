import { describe, expect, it, vi } from 'vitest'
import { ssmSecrets } from '#shared/adapters/ssm-secrets.ts'
import { globalBody, globalMarketWorld } from '#test/fakes/jobs/global-market.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { virtualClock } from '#test/fakes/world/virtual-clock.ts'
import { listenHttp } from '#test/support/http/sockets.ts'

const HOUR = 3_600_000
const KEYED = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/k' }

type Answer = { readonly Parameter: object } | { readonly __type: string }

const keyOf = (Version: number, more: object = {}): Answer => ({
  Parameter: { Name: '/k', Value: `key-${Version}`, Version, ...more },
})

/** Secrets from a parameter store whose answers a test decides, read over a socket by the real client. */
async function store() {
  let answer: Answer = keyOf(1)
  let requestCount = 0
  const url = await listenHttp((_, response) => {
    requestCount += 1
    response.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(answer))
  })
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', url)
  const clock = virtualClock(T0)
  const warnings: string[] = []
  const secrets = ssmSecrets(clock, (message) => warnings.push(message))
  return {
    clock,
    secrets,
    warnings,
    requestCount: () => requestCount,
    answers: (next: Answer) => {
      answer = next
    },
  }
}

describe('a store of secrets that does not answer', () => {
  it('is bridged by the last value for an hour (F40)', async () => {
    const { clock, secrets, warnings, answers } = await store()
    await secrets.get('/k')
    answers({ __type: 'ThrottlingException' })

    clock.advance(HOUR)
    expect(await secrets.get('/k', true)).toEqual({ value: 'key-1', version: '1' })
    clock.advance(1)
    await expect(secrets.get('/k', true)).rejects.toMatchObject({ reason: 'secret', scope: 'provider' })

    expect(warnings).toEqual(['the secret /k cannot be read: ThrottlingException; the earlier value is used'])
  })

  it.each(['AccessDeniedException', 'ParameterNotFound'])(
    'is not bridged when it refuses: %s (F40)',
    async (type) => {
      const { secrets, answers } = await store()
      await secrets.get('/k')
      answers({ __type: type })

      await expect(secrets.get('/k', true)).rejects.toMatchObject({ reason: 'secret' })
    },
  )

  it('ends a run in `secret`, and no call is sent without the key (F40)', async () => {
    const { secrets, answers } = await store()
    answers({ __type: 'ThrottlingException' })
    const world = globalMarketWorld(KEYED)
    Object.assign(world.work.ports, { secrets })
    world.script(() => ({ status: 200, body: globalBody() }))

    const run = await world.tick(world.clock.now())

    expect(run).toMatchObject({ status: 'failed', reason: 'secret' })
    expect(world.calls).toEqual([])
  })
})

describe('a secret', () => {
  it('is read once in five minutes, and again when a fresh one is requested', async () => {
    const { secrets, answers, requestCount } = await store()
    await secrets.get('/k')
    answers(keyOf(2))

    expect(await secrets.get('/k')).toEqual({ value: 'key-1', version: '1' })
    expect(await secrets.get('/k', true)).toEqual({ value: 'key-2', version: '2' })
    expect(requestCount()).toBe(2)
  })

  it('of Secrets Manager has the version that the service reports', async () => {
    const { secrets, answers } = await store()
    answers(keyOf(0, { SourceResult: JSON.stringify({ name: 'k', versionId: 'a1-b2' }) }))

    expect((await secrets.get('/aws/reference/secretsmanager/k')).version).toBe('0a1-b2')
  })

  it('that is empty is an error', async () => {
    const { secrets, answers } = await store()
    answers({ Parameter: { Name: '/k', Value: '', Version: 1 } })

    await expect(secrets.get('/k')).rejects.toMatchObject({
      reason: 'secret',
      message: expect.stringContaining('MissingSecretError'),
    })
  })
})
