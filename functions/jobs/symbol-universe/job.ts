import { defineJob } from '#shared/declare/job.ts'
import { daily } from '#shared/declare/schedule.ts'
import { count, list } from '#shared/declare/settings.ts'

const SYMBOL = /^[^\s#/,\p{C}]{2,30}$/u

const symbols = (about: string) =>
  list([], {
    of: (word): word is string => SYMBOL.test(word) && word === word.toUpperCase(),
    rule: 'symbols in capitals, of 2 to 30 characters without #, / and white space',
    about,
  })

/** All pairs of the spot market, and the ranks of those that are analysed. */
export const job = defineJob({
  id: 'symbol-universe',
  title: 'Symbols to analyse',
  priority: 'P2',
  settings: {
    HAMA_UNIVERSE_SIZE: count(78, {
      unit: 'symbols',
      min: 1,
      max: 200,
      about: 'number of the most traded pairs that are analysed',
    }),
    HAMA_INCLUDE: symbols('symbols that are always analysed'),
    HAMA_EXCLUDE: symbols('symbols that are never analysed'),
  },
  schedule: daily('00:25', 'UTC'),
  upstream: ['binance-spot', 'binance-spot-api'],
  freshness: {
    freshFor: '26 hours',
    serveStaleFor: '7 days',
    keepFor: '30 days',
    maxAsOfAge: '27 hours',
  },
  run: { mode: 'plain', deadline: '60 seconds', attempts: 2, backoff: '1 second' },
  stored: 'snapshot',
  envelope: 'code',
  reads: [
    {
      path: '/api/gainer-analysis/symbols',
      about: 'The analysed symbols, the most traded first, and the number of listed symbols',
      key: 'all',
      view: 'symbols',
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  aliases: [
    {
      method: 'PUT',
      path: '/api/gainer-analysis/symbols',
      about: 'Replaces the selection of symbols; members that are left out have their configured values',
      operation: 'change-symbols',
    },
  ],
  triggerNames: ['refresh_symbol_universe'],
  overridable: ['HAMA_UNIVERSE_SIZE', 'HAMA_INCLUDE', 'HAMA_EXCLUDE'],
})
