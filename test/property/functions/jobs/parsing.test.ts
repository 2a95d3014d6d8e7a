import { pathToFileURL } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { simulatedProviders } from '#infra/local/simulated/index.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import { type JobDeclaration, possibleUpstreams, resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { pricesUpstream, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { type World, world } from '#test/fakes/world/world.ts'
import { runs } from '#test/support/runs.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

/** The settings with which every job runs. */
const SETTINGS = simulatedProfile(Object.keys(simulatedProviders), {})

/** A value for each key that these settings name. */
const SECRETS = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([name, value]) =>
    /_(?:KEY|TOKEN)_PARAMETER$/.test(name) ? [[value, 'invented-key']] : [],
  ),
)

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
  const marks = good.includes(':') ? /:/g : /,/g
  const places = [...good.matchAll(marks)].map(({ index }) => index + 1)
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
      fc.property(status, headers, anyText, (code, given, body) => {
        const classified = upstream.classify({ status: code, headers: given, body }, NOW)

        if (classified.kind === 'ok') expect(typeof classified.body).toBe('object')
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

interface ParsingWorld {
  readonly base: World<unknown>
  /** What the provider answers to any call. */
  readonly answer: (request: HttpRequest) => string
}

/** Each job over the fakes and the stand-ins, with the datasets that it reads. */
const worlds: readonly (() => Promise<ParsingWorld>)[] = [
  // a derived job has no provider
  ...jobs
    .filter(({ spec }) => possibleUpstreams(spec).length > 0)
    .map((declaration) => () => worldOf(declaration)),
  async () => ({
    base: pricesWorld('items', ['AAA'], NOW) as World<unknown>,
    answer: () => JSON.stringify({ symbol: 'AAA', price: 1, at: NOW }),
  }),
]

function settingsOf(declared: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(SETTINGS).filter(([name]) => name in declared))
}

/** By call: making them takes longer than reading them. */
const simulatedAnswers = new Map<string, string>()

/** What a simulated provider answers at the time of every run. */
function simulatedAnswer(provider: string, path: string, query: URLSearchParams, body?: string): string {
  const call = JSON.stringify([provider, path, String(query), body])
  const answer =
    simulatedAnswers.get(call) ?? simulatedProviders[provider]?.(1, NOW, path, query, [], body).body ?? '{}'
  simulatedAnswers.set(call, answer)
  return answer
}

/** @param published - the jobs of the store that have run; those of the inputs are added */
async function worldOf(
  declaration: JobDeclaration,
  store?: World<unknown>['store'],
  published = new Set<string>(),
): Promise<ParsingWorld> {
  const module = pathToFileURL(`functions/jobs/${declaration.id}/refresh.ts`)
  const { refresh } = (await import(module.href)) as { refresh: Refresh<unknown> }
  const job = resolveJob(declaration, settingsOf(declaration.settings))
  const [upstream, ...others] = job.upstreams.map((name) => {
    const declared = upstreams.find((one) => one.name === name)
    if (!declared) throw new Error(`expected the upstream ${name}`)
    return resolveUpstream(declared, settingsOf(declared.settings))
  })
  const base = world({
    job,
    upstream: upstream ?? resolveUpstream(pricesUpstream, {}),
    otherUpstreams: others,
    refresh,
    start: NOW,
    secrets: SECRETS,
    ...(store ? { store } : {}),
  })
  if (!upstream) delete (base.work as { upstream?: unknown }).upstream
  const all = upstream ? [upstream, ...others] : []
  const answer = ({ url, secretQuery, body }: HttpRequest) => {
    const provider = all.find(({ baseUrls }) => baseUrls.some((one) => url.href.startsWith(one.href)))
    const at = provider?.baseUrls.find((one) => url.href.startsWith(one.href))
    const path = url.pathname.slice(at?.pathname.replace(/\/$/, '').length ?? 0)
    const query = new URLSearchParams(url.searchParams)
    if (secretQuery) query.set(secretQuery.name, secretQuery.value)
    return simulatedAnswer(provider?.name ?? '', path, query, body)
  }
  for (const input of job.inputs) {
    if (published.has(input)) continue
    published.add(input)
    const other = jobs.find(({ id }) => id === input)
    if (!other) throw new Error(`expected the job ${input}`)
    const inputWorld = await worldOf(other, base.store, published)
    inputWorld.base.script((request) => ({ status: 200, body: inputWorld.answer(request) }))
    expect((await inputWorld.base.run({ cause: 'operator' })).status).toBe('succeeded')
  }
  return { base, answer }
}

test.each(worlds)(
  'job %# takes any body for good or fails with a reason; none is a defect',
  async (make) => {
    const first = await make()
    let good = '{}'
    first.base.script((request) => {
      const body = first.answer(request)
      // some providers have nothing about some keys
      if (body !== '{}') good = body
      return { status: 200, body }
    })
    expect((await first.base.run({ cause: 'operator' })).status).toBe('succeeded')
    // of a long body a part is enough, and a run takes its time
    const isLong = good.length > 20_000

    await fc.assert(
      fc.asyncProperty(fc.oneof(spoiled(good.slice(0, 200_000)), anyText), async (body) => {
        const { base, answer } = await make()
        base.script((request) => ({ status: 200, body: answer(request) }))
        const before = await base.run({ cause: 'operator' })
        const calls: HttpRequest[] = []
        base.script((request) => ({ status: 200, body: calls.push(request) === 1 ? body : answer(request) }))

        // also of a job that has its newest data already
        const params = { ...base.work.job.params, force: true }
        const run = await base.run({
          cause: 'operator',
          ...('force' in base.work.job.params ? { params } : {}),
        })

        expect(before.status).toBe('succeeded')
        expect(['succeeded', 'unchanged', 'partial', 'failed']).toContain(run.status)
        expect(run.reason).not.toBe('defect')
      }),
      { numRuns: isLong ? runs(8, 2) : runs(60, 12) },
    )
  },
  60_000,
)
