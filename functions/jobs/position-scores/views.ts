import { recordList, recordView } from '#shared/read/record-views.ts'
import type { View } from '#shared/read/view.ts'

const scores = recordView({
  parameter: 'symbol',
  historyKind: 'daily',
  notFoundMessage: (symbol) => `${symbol} is no symbol of the portfolio`,
})

/** The responses, by the view name of the route. */
export const views = { scores, all: recordList } satisfies Readonly<Record<string, View>>
