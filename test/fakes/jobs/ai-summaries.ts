import { job } from '#functions/jobs/ai-summaries/job.ts'
import { refresh } from '#functions/jobs/ai-summaries/refresh.ts'
import { operatorViewsByJob } from '#functions/jobs/operator-views.ts'
import { aiSummaries as simulated } from '#infra/local/simulated/ai-summaries.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { compress } from '#shared/domain/codec.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import type { RiskOverview } from '#shared/systems/summaries/macro-facts.ts'
import { aiSummaries } from '#shared/upstreams/ai-summaries.ts'
import { sampleItem } from '#test/fakes/store/samples.ts'
import { jsonOf, operator, reader } from '#test/fakes/world/clients.ts'
import { type Reply, world } from '#test/fakes/world/world.ts'

const HOUR = 3_600_000

/** Settings with which summaries are on. */
export const SUMMARIES_ON = {
  ENABLE_AI_SUMMARIES: 'true',
  AI_SUMMARY_URL: 'https://models.example/v1',
  AI_SUMMARY_MODEL: 'small-model',
  AI_SUMMARY_KEY_PARAMETER: '/test/summaries-key',
}

/** What `macro-risk` stores: the members that a summary needs. */
export function riskData(score: number | null = 76): RiskOverview {
  const dimension = { score: 75 }
  return {
    overall_risk: { score, level: score === null ? null : 'MEDIUM', confidence: 0.57, trend: null },
    risk_breakdown: {
      monetary_policy: { score: 77 },
      geopolitical: { score: null },
      sector_bubble: { score: null },
      economic_cycle: dimension,
      market_sentiment: dimension,
    },
    meta: { coverage: 0.6, phase: 'Expansion' },
  }
}

/** The answer of a model. */
export function completion(content: string | null, choice: object = {}): Reply {
  const message = { role: 'assistant', content, refusal: null }
  const body = {
    object: 'chat.completion',
    choices: [{ index: 0, message, finish_reason: 'stop', ...choice }],
    usage: { prompt_tokens: 300, completion_tokens: 50 },
  }
  return { status: 200, body }
}

/** What a request asks of the model. */
function questionOf({ body = '{}' }: HttpRequest) {
  const { messages, ...others } = JSON.parse(body) as {
    readonly messages: readonly { readonly role: string; readonly content: string }[]
  }
  const [system, user] = messages
  return { ...others, instructions: system?.content, ...JSON.parse(user?.content ?? '{}') }
}

/** The job over the fakes, without stored inputs; the simulated provider answers. */
export function summariesWorld(start: number, settings: Readonly<Record<string, string>> = {}) {
  const all = { ...SUMMARIES_ON, ...settings }
  const base = world({
    job: resolveJob(job, all),
    refresh,
    upstream: resolveUpstream(aiSummaries, all),
    start,
    secrets: { [all.AI_SUMMARY_KEY_PARAMETER]: 'invented-key' },
  })
  base.script(({ url, body }) =>
    simulated(1, base.clock.now(), url.pathname.replace(/^\/v1/, ''), url.searchParams, [], body),
  )
  const { store, clock } = base
  let fence = 0
  const putItem = async (input: string, key: string, data: object, times: Partial<Item> = {}) => {
    const now = clock.now()
    fence += 1
    const limits = { freshUntil: now + HOUR, staleUntil: now + 24 * HOUR, expiresAt: now + 48 * HOUR }
    const body = new Uint8Array(compress(JSON.stringify(data)))
    const stored = { key, body, fence, fetchedAt: now, checkedAt: now, asOf: now - HOUR, ...limits }
    await store.items.put(input, sampleItem({ ...stored, ...times }), now, { anyAsOf: true })
  }
  const operators = operator(base, { operatorViews: operatorViewsByJob })
  let tick = start
  return {
    ...base,
    risk: (data: object = riskData(), times: Partial<Item> = {}) =>
      putItem('macro-risk', 'overall', data, times),
    putItem,
    putPositions: (positions: readonly object[]) => {
      const record = { revision: 1, change: 'change-1', changedAt: clock.now(), data: positions as never }
      return store.operatorRecords.replace('positions', record)
    },
    /** The next run of the schedule, an hour after the one before. */
    nextTick: () => {
      tick += HOUR
      return base.tick(tick)
    },
    triggered: () => base.run({ cause: 'operator' }),
    questions: () => base.calls.map(questionOf),
    /** The response to an operator. */
    summary: (path: string) => operators.get(`/api/v1/admin/summaries/${path}`),
    /** The response to a reader. */
    publicly: async (path: string) => {
      const answer = await reader(base).get(`/api/v1/admin/summaries/${path}`)
      return { status: answer.statusCode, body: jsonOf(answer) }
    },
  }
}
