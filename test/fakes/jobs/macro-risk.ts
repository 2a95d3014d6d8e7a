import { job as summaries } from '#functions/jobs/ai-summaries/job.ts'
import { job } from '#functions/jobs/macro-risk/job.ts'
import { refresh } from '#functions/jobs/macro-risk/refresh.ts'
import { views } from '#functions/jobs/macro-risk/views.ts'
import { resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress, decompress } from '#shared/domain/codec.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { run } from '#shared/engine/run.ts'
import type { EventFeed } from '#shared/systems/macro/event-feed.ts'
import { macroFacts, type RiskOverview } from '#shared/systems/summaries/macro-facts.ts'
import { factsHash, type StoredSummary, SUMMARIES } from '#shared/systems/summaries/summary-record.ts'
import { coingecko } from '#shared/upstreams/coingecko.ts'
import { withCallNames } from '#test/fakes/store/call-names.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { world } from '#test/fakes/world/world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

/** Values with which the documented example scores 77, 75 and 75, and their changes within three months. */
const INDICATORS: Readonly<Record<string, { readonly value: number; readonly change3m?: number }>> = {
  DFF: { value: 3.88 },
  T10Y2Y: { value: 0.55 },
  CPIAUCSL_PC1: { value: 2.9 },
  A191RL1Q225SBEA: { value: 2.4, change3m: 0.1 },
  UNRATE: { value: 4.1, change3m: 0 },
  INDPRO_PC1: { value: 1 },
  VIXCLS: { value: 17 },
}

/**
 * The job over the fakes, without stored inputs.
 *
 * @param settings - of the summaries; they are off by default
 */
export function riskWorld(start: number, settings: SettingTexts = {}) {
  const base = world({
    job: resolveJob(job, {}),
    refresh,
    upstream: resolveUpstream(coingecko, {}),
    start,
  })
  const { upstream: _, ...work } = base.work
  const { store, clock } = base
  let fence = 0
  const putItem = async (input: string, key: string, data: object, times: Partial<Item> = {}) => {
    const now = clock.now()
    fence += 1
    const limits = { freshUntil: now + DAY, staleUntil: now + 7 * DAY, expiresAt: now + 30 * DAY }
    const body = new Uint8Array(compress(JSON.stringify(data)))
    const item = sampleItem({
      key,
      body,
      fence,
      fetchedAt: now,
      checkedAt: now,
      asOf: now,
      ...limits,
      ...times,
    })
    await store.items.put(input, item, now)
  }
  const operators = operator(base)
  return {
    ...base,
    /** The response to an operator, of the path of the inputs. */
    inputs: (method: string, body?: object) =>
      operators.ask(method, '/api/v1/admin/macro-inputs', {
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    indicator: (key: string, value: number, change: object = {}, times: Partial<Item> = {}) =>
      putItem(
        'macro-indicators',
        key,
        { series_id: key, value, change_3m: null, degraded_reasons: [], ...change },
        { asOf: start - DAY, ...times },
      ),
    indicators: async () => {
      for (const [key, { value, change3m = null }] of Object.entries(INDICATORS)) {
        const data = { series_id: key, value, change_3m: change3m, degraded_reasons: [] }
        await putItem('macro-indicators', key, data, { asOf: start - DAY })
      }
    },
    feed: (change: Partial<EventFeed> = {}) =>
      putItem('geo-events', 'feed', {
        last_success: isoSeconds(clock.now() - HOUR),
        coverage_days: 30,
        days: [],
        notable: [],
        degraded_reasons: [],
        ...change,
      }),
    /** Stores a summary of the stored risk, or of other facts. */
    summary: async (text: string, { facts_hash, ...times }: Partial<Item> & { facts_hash?: string } = {}) => {
      const item = await store.items.get(job.id, 'overall')
      const facts = item && macroFacts(JSON.parse(decompress(item.body).toString()) as RiskOverview)
      const record: StoredSummary = {
        kind: 'macro',
        key: 'overall',
        text,
        generated: true,
        model: 'small-model',
        facts_as_of: isoSeconds(item?.asOf ?? 0),
        facts_hash: facts_hash ?? factsHash(facts ?? {}),
      }
      await putItem(SUMMARIES, 'macro:overall', record, times)
    },
    refreshAll: () => run({ cause: 'operator' }, work),
    /** The names of the calls of the table that one run makes. */
    callsOfRun: async () => {
      const calls: string[] = []
      const ports = { ...work.ports, store: withCallNames(store, calls) }
      await run({ cause: 'operator' }, { ...work, ports })
      return calls
    },
    tick: (at: number) => {
      clock.advance(Math.max(0, at - clock.now()))
      return run({ cause: 'tick', tick: at }, work)
    },
    refreshOne: (key: string) => run({ cause: 'operator', key }, work),
    overview: async (query: Readonly<Record<string, string>> = {}) => {
      const { answer } = reader(base, { views: { [job.id]: views }, jobs: [resolveJob(summaries, settings)] })
      const path = '/api/v1/macro/risk/overview'
      const response = await answer({ method: 'GET', path, headers: {}, query })
      return { status: response.statusCode, headers: response.headers, body: jsonOf(response) }
    },
  }
}
