import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'
import type { SummaryKind } from '#shared/systems/summaries/kinds.ts'
import { type StoredSummary, type Summary, summaryKey } from '#shared/systems/summaries/summary-record.ts'

/** One summary. */
const summary: View = async ({ parameters: { kind, key = '' } }, context) => {
  const item = await context.item(summaryKey(kind as SummaryKind, key))
  if (!item) return notAvailable(context.job)
  const { representation } = item
  return {
    kind: 'value',
    from: item,
    compose: () => {
      const { facts_hash: _, ...data } = JSON.parse(representation.text()) as StoredSummary
      const body = envelopeOf(context.job.envelope).wrap({ ...(data satisfies Summary) }, representation)
      return { body, times: representation }
    },
  }
}

/** The responses to operators, by the view name of the route. */
export const operatorViews = { summary } satisfies Readonly<Record<string, View>>
