import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { RefreshError } from '#shared/domain/errors.ts'
import { readCredentials } from '#shared/engine/fetch/credentials.ts'
import { LIST, projects, projectsWorld } from '#test/fakes/jobs/projects.ts'

const PARAMETER = '/freshet/projects'
const secret = { parameter: PARAMETER, header: 'authorization', extraHeaders: true } as const
const upstream = { requestIdHeader: 'x-request-id' }

const read = (text: string) => readCredentials(text, secret, upstream)

describe('a secret', () => {
  test('is the key itself, or JSON with the key and further headers', () => {
    expect(read('plain-key')).toEqual({ token: 'plain-key', headers: {} })
    expect(read('{"token":"key-1"}')).toEqual({ token: 'key-1', headers: {} })
    expect(read(' {"token":"key-1","headers":{"X-Device":"device one"}}')).toEqual({
      token: 'key-1',
      headers: { 'x-device': 'device one' },
    })
  })

  test('of a provider without extraHeaders is the key, whatever it looks like', () => {
    const { extraHeaders: _, ...plain } = secret

    expect(readCredentials('{"token":"a"}', plain, upstream)).toEqual({ token: '{"token":"a"}', headers: {} })
  })

  test.each([
    ['broken JSON', '{"token":"canary-4711"'],
    ['no token', '{"headers":{"x-a":"canary-4711"}}'],
    ['a token that is no text', '{"token":4711}'],
    ['an empty token', '{"token":"","headers":{"x-a":"canary-4711"}}'],
    ['further members', '{"token":"canary-4711","key":"canary-4711"}'],
    ['headers that are a list', '{"token":"a","headers":["canary-4711"]}'],
    ['a header with an illegal name', '{"token":"a","headers":{"canary-4711 x":"b"}}'],
    ['a header with an illegal value', '{"token":"a","headers":{"x-a":"canary-4711\\nx-b: c"}}'],
    ['a header with an empty value', '{"token":"canary-4711","headers":{"x-a":""}}'],
    ['a header with a value that is no text', '{"token":"canary-4711","headers":{"x-a":4711}}'],
    ['a header that frames the message', '{"token":"a","headers":{"Content-Length":"4711"}}'],
    ['the header of the key', '{"token":"a","headers":{"Authorization":"canary-4711"}}'],
    ['the header of the request id', '{"token":"a","headers":{"x-request-id":"canary-4711"}}'],
    ['a header twice', '{"token":"a","headers":{"x-a":"canary-4711","X-A":"b"}}'],
  ])('with %s is refused with its parameter, and without any of its text (I10)', (_, text) => {
    let error: unknown
    try {
      read(text)
    } catch (thrown) {
      error = thrown
    }

    if (!(error instanceof RefreshError)) throw new Error(`expected a RefreshError, got ${error}`)
    expect(error).toMatchObject({ reason: 'secret', scope: 'provider', retryable: false })
    expect(error.message).toMatch(/^the secret \/freshet\/projects: expected .*, got /)
    expect(error.message).not.toMatch(/canary|4711/)
    expect(error.cause).toBeUndefined()
  })
})

function keyedWorld(text: string) {
  const base = projectsWorld(projects, {
    upstream: { ...upstream, secret },
    secrets: { [PARAMETER]: text },
  })
  base.script(() => ({ status: 200, body: { ids: [] } }))
  return base
}

describe('a call', () => {
  test('carries the key, the further headers and a request id of its own', async () => {
    const { run, calls, script } = keyedWorld('{"token":"key-canary","headers":{"x-device":"device-canary"}}')
    script(({ url }) => ({
      status: 200,
      body: url.pathname.endsWith(LIST) ? { ids: ['10'] } : { members: 1 },
    }))

    await run({ cause: 'operator' })

    expect(calls).toHaveLength(2)
    expect(calls[0]?.headers).toMatchObject({ authorization: 'key-canary', 'x-device': 'device-canary' })
    const ids = calls.map(({ headers }) => headers['x-request-id'])
    expect(new Set(ids).size).toBe(2)
    for (const id of ids)
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('without a legal secret is not made', async () => {
    const { run, calls } = keyedWorld('{"token":"key-canary","headers":{"host":"device-canary"}}')

    expect(await run({ cause: 'operator' })).toMatchObject({ status: 'failed', reason: 'secret' })
    expect(calls).toEqual([])
  })

  test('leaves neither the key nor a further header in any record, log line, rejected body or event (I10)', async () => {
    const { run, script, store, lines, events } = keyedWorld(
      '{"token":"key-canary","headers":{"x-device":"device/canary"}}',
    )
    const echo = 'key-canary device/canary device%2Fcanary'
    const traces: unknown[] = []
    for (const reply of [
      { status: 403, body: echo },
      { status: 200, body: `not JSON: ${echo}` },
      { status: 200, body: { ids: 4, echo } },
    ]) {
      script(() => reply)
      traces.push(await run({ cause: 'operator' }))
      await store.upstreams.replace('coingecko', {
        revision: (await store.upstreams.get('coingecko')).revision + 1,
        connections: {},
        breaker: { failures: 0 },
      })
      traces.push(await store.rejected.list('projects'))
    }

    const text = inspect([traces, lines, events], { depth: null })
    expect(text).toContain('[redacted]')
    expect(text).not.toMatch(/canary/)
  })
})
