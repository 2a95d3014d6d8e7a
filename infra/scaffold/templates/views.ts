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
  return `import { entryView } from '#shared/read/record-views.ts'
import type { View } from '#shared/read/view.ts'

/** The responses, by the view name of the route. */
export const views = { entry: entryView('${entryParameter(key)}') } satisfies Readonly<Record<string, View>>
`
}
