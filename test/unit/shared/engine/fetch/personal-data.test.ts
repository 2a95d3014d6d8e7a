import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import * as z from 'zod/mini'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { LIST, projects, projectsWorld } from '#test/fakes/jobs/projects.ts'
import type { Reply } from '#test/fakes/world/world.ts'

const NAME = 'Anna Canary'

/** A body that names a person in every place. */
const BODY = { ids: [NAME], members: { [NAME]: NAME }, owner: NAME }

type Change = Partial<Refresh<never>>

/** What a run leaves behind when its provider answers like that: record, stored records, events, log lines. */
async function tracesOf(reply: Reply, change: Change = {}, hasPersonalData = true) {
  const { laterRequests: _, ...plain } = projects
  const base = projectsWorld({ ...plain, ...change } as typeof projects, { upstream: { hasPersonalData } })
  base.script(() => reply)
  const ended = await base.run({ cause: 'operator' })
  const rejected = await base.store.rejected.list('projects')
  const { items: _published, ...memory } = base.store.memory
  return {
    ended,
    rejected,
    text: inspect([ended, rejected, base.lines, base.events, memory], { depth: null, maxStringLength: null }),
  }
}

const members = z.object({ members: z.record(z.string(), z.number()) })

const CASES: readonly (readonly [what: string, reply: Reply, change: Change])[] = [
  ['is no JSON', { status: 200, body: `{"owner":"${NAME}` }, {}],
  ['refuses the call', { status: 403, body: BODY }, {}],
  ['reports a fault', { status: 500, body: NAME }, {}],
  [
    'does not match the schema, under a member with that name',
    { status: 200, body: BODY },
    { parse: ([body]) => members.parse(body) as never },
  ],
  [
    'is not parsed by an error that quotes it',
    { status: 200, body: BODY },
    { parse: ([body]) => BigInt((body as typeof BODY).owner) as never },
  ],
  [
    'is rejected by a verdict that quotes it',
    { status: 200, body: BODY },
    {
      accept: (value) => ({
        accepted: false,
        message: `expected another owner, got ${(value as typeof BODY).owner}`,
      }),
    },
  ],
  [
    'makes the function of the next calls fail',
    { status: 200, body: BODY },
    { nextCalls: ([body]) => [{ path: `/${BigInt((body as typeof BODY).owner)}` }] },
  ],
  [
    'makes the check of the job fail',
    { status: 200, body: BODY },
    {
      accept: (value) => {
        throw new RangeError(`expected no ${(value as typeof BODY).owner}`)
      },
    },
  ],
  [
    'has a row that is lost, and a list that is not believed',
    { status: 200, body: BODY },
    {
      review: (value) => {
        const { owner } = value as typeof BODY
        return {
          lost: [{ name: owner, message: `expected a number, got ${owner}` }],
          distrusted: [`list of ${owner}`],
        }
      },
    },
  ],
  [
    'makes the totals of the job fail',
    { status: 200, body: BODY },
    { totals: (value) => ({ members: Number(BigInt((value as typeof BODY).owner)) }) },
  ],
]

test.each(CASES)(
  'of a provider with personal data, a body that %s leaves no name behind',
  async (_, reply, change) => {
    const { ended, rejected, text } = await tracesOf(reply, change)

    expect(ended.status).toMatch(/^(failed|partial|succeeded)$/)
    expect(rejected).toEqual([])
    expect(text).not.toMatch(/Anna|Canary/)
  },
)

test.each(CASES)('of another provider, a body that %s is named', async (_, reply, change) => {
  expect((await tracesOf(reply, change, false)).text).toMatch(/Anna|Canary/)
})

test('an error about personal data has its reason, and the types that the schema expects', async () => {
  const { ended } = await tracesOf(
    { status: 200, body: BODY },
    { parse: ([body]) => members.parse(body) as never },
  )

  expect(ended).toMatchObject({
    status: 'failed',
    reason: 'malformed',
    message:
      'the body does not match its schema: expected number; details are withheld, because they may be personal',
  })
})

test('lost rows with personal data are counted, and the run is partial', async () => {
  const { ended } = await tracesOf(
    { status: 200, body: BODY },
    { review: () => ({ lost: [{ name: NAME, message: NAME }], distrusted: [] }) },
  )

  expect(ended).toMatchObject({
    status: 'partial',
    reason: 'rejected',
    message: '1 row is lost, the first: details are withheld, because they may be personal',
    lost: { count: 1, names: [] },
  })
})

test('a job that reads stored personal data without a call withholds its errors, too', async () => {
  const { ended, text } = await tracesOf(
    { status: 200, body: BODY },
    {
      plan: () => [{ key: LIST, calls: [] }],
      parse: () => {
        throw new TypeError(`expected no ${NAME}`)
      },
    },
  )

  expect(ended).toMatchObject({ status: 'failed', reason: 'malformed' })
  expect(text).not.toMatch(/Anna|Canary/)
})
