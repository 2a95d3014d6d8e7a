import { describe, expect, test } from 'vitest'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { storedData } from '#shared/engine/model/stored-value.ts'
import type { View } from '#shared/read/view.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { jsonOf, reader } from '#test/fakes/world/clients.ts'
import { world } from '#test/fakes/world/world.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const MINUTE = 60_000
const T0 = Date.UTC(2026, 10, 20, 12)

/** A member with an image at a signed address, as a provider sends it. */
interface Member {
  readonly name: string
  readonly image: string
  /** Kept by the job and never served. */
  readonly visits?: number
}

const refresh: Refresh<Member> = {
  renderVersion: 1,
  plan: () => [{ key: 'only', calls: [{ path: '/member' }] }],
  parse: ([body]) => body as Member,
  accept: () => ({ accepted: true }),
  item: ({ name, image, visits }, { now }) => ({
    data: { name, image },
    identity: { name },
    asOf: now,
    degraded: false,
    ...(visits === undefined ? {} : { memory: visits }),
  }),
}

function memberWorld({ views = {} }: { views?: Readonly<Record<string, View>> } = {}) {
  const names = Object.keys(views)
  const route = { about: 'A member', access: 'public', effect: 'read', cold: 'refuse' } as const
  const reads = names.map((view) => ({ ...route, path: `/v1/${view}`, view }))
  const job = resolveJob(
    tinyJob({
      id: 'members',
      ...(names.length === 0 ? {} : { reads, keys: { pattern: 'only', about: 'the key' } }),
    }),
    {},
  )
  const base = world({ job, refresh, upstream: resolveUpstream(coingecko, {}), start: T0 })
  const { get } = reader(base, { views: { members: views } })
  const publish = async (member: Member) => {
    base.script(() => ({ status: 200, body: member }))
    base.clock.advance(MINUTE)
    const { status } = await base.run({ cause: 'operator' })
    const item = await base.store.items.get('members', 'only')
    if (!item) throw new Error('expected a stored item')
    return { status, item, data: storedData(item.body, job) }
  }
  return { ...base, publish, get }
}

const ANNA = { name: 'Anna', image: 'https://images.test/1?e=1&token=a' }
const ANNA_SIGNED_AGAIN = { ...ANNA, image: 'https://images.test/1?e=2&token=b' }

test('data that differ beyond their identity replace the stored ones under the same tag, as unchanged', async () => {
  const { publish } = memberWorld()
  const first = await publish(ANNA)

  const second = await publish(ANNA_SIGNED_AGAIN)

  expect([first.status, second.status]).toEqual(['succeeded', 'unchanged'])
  expect(second.data).toEqual(ANNA_SIGNED_AGAIN)
  expect(second.item.etag).toBe(first.item.etag)
  expect(second.item.checkedAt).toBe(first.item.checkedAt + MINUTE)
})

test('a body that replaces an unchanged value shows the times of its first publication, and so does the item', async () => {
  const { publish, get } = memberWorld()
  const { item } = await publish(ANNA)
  const before = jsonOf(await get('/v1/members'))

  const second = await publish(ANNA_SIGNED_AGAIN)
  const response = await get('/v1/members')

  expect(second.item).toMatchObject({ fetchedAt: item.fetchedAt, asOf: item.asOf })
  expect(jsonOf(response)).toEqual({ data: ANNA_SIGNED_AGAIN, meta: before.meta })
  expect(Date.parse(before.meta.fetched_at)).toBe(item.fetchedAt)
  expect(response.headers).toMatchObject({
    etag: `W/"${item.etag}"`,
    'last-modified': new Date(item.fetchedAt).toUTCString(),
    age: '0',
  })
})

test('a client that has the earlier body gets 304', async () => {
  const { publish, get } = memberWorld()
  await publish(ANNA)
  const { headers } = await get('/v1/members')
  await publish(ANNA_SIGNED_AGAIN)

  const byTag = await get('/v1/members', { 'if-none-match': headers['etag'] ?? '' })
  const byTime = await get('/v1/members', { 'if-modified-since': headers['last-modified'] ?? '' })

  expect([byTag.statusCode, byTime.statusCode]).toEqual([304, 304])
})

test('the same data again only confirm the stored ones', async () => {
  const { publish } = memberWorld()
  const first = await publish(ANNA)

  const second = await publish(ANNA)

  expect(second.status).toBe('unchanged')
  expect(second.item).toMatchObject({ runId: first.item.runId, fetchedAt: first.item.fetchedAt })
  expect(second.item.body).toEqual(first.item.body)
})

test('another identity is published with its own times and tag', async () => {
  const { publish } = memberWorld()
  const first = await publish(ANNA)

  const second = await publish({ ...ANNA, name: 'Bea' })

  expect(second.status).toBe('succeeded')
  expect(second.item.etag).not.toBe(first.item.etag)
  expect(second.item.fetchedAt).toBe(first.item.fetchedAt + MINUTE)
})

test('another memory leaves body, run and publication time of an unchanged value as they are', async () => {
  const { publish } = memberWorld()
  const first = await publish({ ...ANNA, visits: 1 })

  const second = await publish({ ...ANNA, visits: 2 })

  expect(second.status).toBe('unchanged')
  expect(second.item.memory).toEqual(compress('2'))
  const { body, runId, fetchedAt, asOf, etag } = first.item
  expect(second.item).toMatchObject({ body, runId, fetchedAt, asOf, etag })
})

describe('a response that a view composes from a value with an identity', () => {
  const one: View = async (_, context) => {
    const item = await context.item('only')
    if (!item) return { kind: 'failure', status: 503, message: 'none' }
    const compose = () => {
      const body = JSON.parse(item.representation.text()) as { name: string; image: string }
      return { body, identity: { name: body.name }, times: item.representation }
    }
    return { kind: 'value', from: item, compose }
  }
  const joined: View = async (_, context) => {
    const item = await context.item('only')
    if (!item) return { kind: 'failure', status: 503, message: 'none' }
    return { kind: 'joined', from: [item], variant: '', text: () => `[${item.representation.text()}]` }
  }

  test.each([
    ['one', ANNA_SIGNED_AGAIN],
    ['joined', [ANNA_SIGNED_AGAIN]],
  ])('of the kind %s has the new data under the same tag', async (name, expected) => {
    const { publish, get } = memberWorld({ views: { one, joined } })
    await publish(ANNA)
    const before = await get(`/v1/${name}`)
    await publish(ANNA_SIGNED_AGAIN)

    const after = await get(`/v1/${name}`)

    expect(jsonOf(after)).toEqual(expected)
    expect(after.headers['etag']).toBe(before.headers['etag'])
  })
})
