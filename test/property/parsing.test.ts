import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/declared-jobs.ts'
import { recorded } from '#infra/local/recorded/index.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { Refresh } from '#shared/engine/refresh.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { pricesUpstream, pricesWorld } from '#test/fakes/prices.ts'
import { type World, world } from '#test/fakes/world.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

const status = fc.oneof(fc.constant(200), fc.integer({ min: 200, max: 599 }))
const headers = fc.dictionary(fc.constantFrom('retry-after', 'date', 'content-type'), fc.string(), {
  noNullPrototype: true,
})

/** What a client makes of any bytes at all, and of JSON at any depth. */
const anyText = fc.oneof(
  fc.uint8Array({ maxLength: 300 }).map((bytes) => new TextDecoder().decode(bytes)),
  fc.json({ maxDepth: 6 }),
  fc
    .record({
      depth: fc.integer({ min: 0, max: 9_000 }),
      core: fc.constantFrom('1', '"', '12345678901234567890'),
    })
    .map(({ depth, core }) => '['.repeat(depth) + core + ']'.repeat(depth)),
)

/** A good body with one member replaced, or cut, or with bytes changed. */
function spoiled(good: string): fc.Arbitrary<string> {
  const places = [...good.matchAll(/:/g)].map(({ index }) => index + 1)
  const instead = fc.oneof(
    fc.json({ maxDepth: 2 }),
    fc.constantFrom('null', '-0', '1e999', '-1', '""', '1e-400', '0.1234567890123456789', '"__proto__"'),
  )
  return fc.oneof(
    fc.nat(good.length).map((end) => good.slice(0, end)),
    fc.tuple(fc.constantFrom(...places), instead).map(([at, value]) => {
      const end = good.slice(at).search(/[,}]/)
      return `${good.slice(0, at)}${value}${good.slice(at + end)}`
    }),
    fc.tuple(fc.nat(good.length), fc.string()).map(([at, more]) => good.slice(0, at) + more + good.slice(at)),
  )
}

describe.each([...upstreams, pricesUpstream])('what $name answers', (declared) => {
  const upstream = resolveUpstream(declared, {})

  test('is classified, whatever it is: an object or a list, or a failure with its reason', () => {
    fc.assert(
      fc.property(status, headers, anyText, (code, given, text) => {
        const classified = upstream.classify({ status: code, headers: given, text }, NOW)

        if (classified.class === 'ok') expect(typeof classified.body).toBe('object')
        else
          expect(classified.error).toMatchObject({
            name: 'RefreshError',
            reason: expect.stringMatching(/^[a-z-]+$/),
          })
      }),
      { numRuns: 300 },
    )
  })
})

/** Each job over the fakes, with a body that it believes. */
const worlds: readonly (() => Promise<{ base: World<unknown>; good: string }>)[] = [
  ...jobs.map((declaration) => async () => {
    const module = new URL(`../../functions/jobs/${declaration.id}/refresh.ts`, import.meta.url)
    const { refresh } = (await import(module.href)) as { refresh: Refresh<unknown> }
    const job = resolveJob(declaration, {})
    const declared = upstreams.find(({ name }) => name === job.upstream)
    if (!declared) throw new Error(`expected the upstream ${job.upstream}`)
    const upstream = resolveUpstream(declared, {})
    const plan = refresh.plan({ job, now: NOW, params: {}, inputs: new Map() })
    const call = (plan === 'stored' ? [] : plan)[0]?.calls[0] ?? { path: '/' }
    const query = new URLSearchParams(call.query)
    const good = recorded[upstream.name]?.(1, NOW, call.path, query).body ?? '{}'
    return { base: world({ job, upstream, refresh, start: NOW }), good }
  }),
  async () => ({
    base: pricesWorld('items', ['AAA'], NOW) as World<unknown>,
    good: JSON.stringify({ symbol: 'AAA', price: 1, at: NOW }),
  }),
]

test.each(worlds)('job %# takes any body for good or fails with a reason; none is a defect', async (made) => {
  const { good } = await made()

  await fc.assert(
    fc.asyncProperty(fc.oneof(spoiled(good), anyText), async (body) => {
      const { base } = await made()
      base.script((_, call) => ({ status: 200, body: call === 1 ? good : body }))
      const first = await base.run({ cause: 'operator' })

      const run = await base.run({ cause: 'operator' })

      expect(first.status).toBe('succeeded')
      expect(['succeeded', 'unchanged', 'failed']).toContain(run.status)
      expect(run.reason).not.toBe('defect')
    }),
    { numRuns: 300 },
  )
})
