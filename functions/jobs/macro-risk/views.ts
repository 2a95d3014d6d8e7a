import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { envelopeOf } from '#shared/http/envelopes.ts'
import type { PublicationTimes } from '#shared/read/representation.ts'
import { notAvailable, type ServableItem, type View } from '#shared/read/view.ts'
import { RISK_KEY } from '#shared/systems/macro/risk-key.ts'
import { macroFacts, type RiskOverview } from '#shared/systems/summaries/macro-facts.ts'
import {
  factsHash,
  type StoredSummary,
  SUMMARIES,
  summaryKey,
} from '#shared/systems/summaries/summary-record.ts'

/** Six-hourly runs and those after inputs, of 90 days. */
const MAX_ROWS = 1_500

/** The stored overview with its times, and the summary of it; with `days`, the scores of former runs too. */
const overview: View = async ({ query, now }, context) => {
  const item = await context.item(RISK_KEY)
  if (!item) return notAvailable(context.job)
  const summary = await context.itemOf(SUMMARIES, summaryKey('macro', RISK_KEY))
  if (query['days'] === undefined) {
    const variant = summary ? `${summary.representation.etag} ${summary.representation.fetchedAt}` : ''
    return { kind: 'value', from: item, variant, compose: () => composed(item, summary) }
  }
  const range = { from: now - Number(query['days']) * DAY_MS, to: now, limit: MAX_ROWS }
  const rows = await context.history('risks', RISK_KEY, range)
  const { body } = composed(item, summary)
  return { kind: 'now', status: 200, body: { ...body, history: rows.map(({ data }) => data) } }
}

/** A response is as fresh as the risk, whatever becomes of summaries; one with a summary has changed when that did. */
function composed({ representation }: ServableItem, summary: ServableItem | undefined) {
  const stored = JSON.parse(representation.text())
  const { meta } = envelopeOf('plain').wrap(null, representation) as { readonly meta: object }
  const analysis = summary && analysisOf(summary, stored)
  const body = {
    timestamp: isoSeconds(representation.fetchedAt),
    ai_analysis: analysis ?? null,
    ...stored,
    meta: { ...meta, ...stored.meta },
  }
  return { body, times: analysis ? timesWith(summary, representation) : representation }
}

/** The summary as a part of the overview; `undefined` when it describes other figures than the overview has. */
function analysisOf({ representation }: ServableItem, risk: RiskOverview) {
  const facts = macroFacts(risk)
  const { text, model, facts_as_of, facts_hash } = JSON.parse(representation.text()) as StoredSummary
  if (facts === undefined || factsHash(facts) !== facts_hash) return undefined
  return { text, generated: true, model, as_of: facts_as_of }
}

function timesWith({ representation: summary }: ServableItem, risk: PublicationTimes): PublicationTimes {
  const dataSource = summary.dataSource === 'simulated' ? summary.dataSource : risk.dataSource
  return { ...risk, dataSource, modifiedAt: Math.max(risk.fetchedAt, summary.fetchedAt) }
}

/** The responses, by the view name of the route. */
export const views = { overview } satisfies Readonly<Record<string, View>>
