import { recordList, recordView } from '#shared/read/record-views.ts'
import type { View } from '#shared/read/view.ts'

const DAILY = '1D'

const technical = recordView({
  parameter: 'symbol',
  historyKind: 'daily',
  notFoundMessage: (symbol) => `${symbol} is no symbol of the portfolio`,
  checkQuery: ({ timeframe = DAILY }) =>
    timeframe === DAILY ? undefined : `timeframe: expected ${DAILY}, got ${timeframe}`,
})

/** The responses, by the view name of the route. */
export const views = { technical, all: recordList } satisfies Readonly<Record<string, View>>
