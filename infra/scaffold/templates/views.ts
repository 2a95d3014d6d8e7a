import type { Dataset } from '../dataset.ts'
import type { RowKey } from '../sample/row-key.ts'

/** The parameter of the path of one entry. */
export function entryParameter({ served }: RowKey): string {
  return /^[a-z_]+$/.test(served) ? served : 'key'
}

/** The path of one entry: `/v1/prices/{symbol}`. */
export function entryPath({ readPath }: Pick<Dataset, 'readPath'>, key: RowKey): string {
  return `${readPath}/{${entryParameter(key)}}`
}

/** `views.ts` of a dataset of rows: one entry by its key. */
export function viewsFile(key: RowKey): string {
  const parameter = entryParameter(key)
  return `import { envelopeOf } from '#shared/http/envelopes.ts'
import { type ComposedValue, notAvailable, type View } from '#shared/read/view.ts'

/** The entry of one ${parameter}. */
const entry: View = async ({ parameters: { ${parameter} = '' } }, context) => {
  const stored = await context.set()
  if (!stored) return notAvailable(context.job)
  const data = stored.set.entries.get(${parameter})?.data
  if (data === undefined)
    return { kind: 'failure', status: 404, message: \`\${context.job.title}: nothing is stored of \${${parameter}}\` }
  const compose = (): ComposedValue => {
    const times = stored.timesOf([${parameter}])
    return { body: envelopeOf(context.job.envelope).wrap(data, times), times }
  }
  return { kind: 'value', from: stored, variant: ${parameter}, compose }
}

/** The responses, by the view name of the route. */
export const views = { entry } satisfies Readonly<Record<string, View>>
`
}
