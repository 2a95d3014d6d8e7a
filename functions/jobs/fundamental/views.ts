import { recordList, recordView } from '#shared/read/record-views.ts'
import type { View } from '#shared/read/view.ts'

const fundamental = recordView({
  parameter: 'symbol',
  historyKind: 'daily',
  notFoundMessage: (symbol) => `${symbol} is no symbol of the portfolio, or the provider does not have it`,
})

/** The responses, by the view name of the route. */
export const views = { fundamental, all: recordList } satisfies Readonly<Record<string, View>>
