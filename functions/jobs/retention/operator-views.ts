import { envelopeOf } from '#shared/http/envelopes.ts'
import { notAvailable, type View } from '#shared/read/view.ts'

const KEY = 'report'

/** The report of the last run. */
const report: View = async (_request, context) => {
  const item = await context.item(KEY)
  if (!item)
    return { ...notAvailable(context.job), message: 'The report of the retention is not available yet' }
  const { representation } = item
  const { envelope } = context.job
  return {
    kind: 'value',
    from: item,
    compose: () => ({
      body: envelopeOf(envelope).wrap(JSON.parse(representation.text()), representation),
      times: representation,
    }),
  }
}

/** The responses to operators, by the view name of the route. */
export const operatorViews = { report } satisfies Readonly<Record<string, View>>
