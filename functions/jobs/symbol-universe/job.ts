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

/** Every pair of the spot market, and which of them are analysed. */
export const job = defineJob({
  id: 'symbol-universe',
  title: 'Symbols to analyse',
  priority: 'P2',
  settings: {
    HAMA_UNIVERSE_SIZE: count(78, {
      unit: 'symbols',
      min: 1,
      max: 200,
      about: 'how many of the most traded pairs are analysed',
    }),
    HAMA_INCLUDE: symbols('symbols that are analysed whatever their trade'),
    HAMA_EXCLUDE: symbols('symbols that are not analysed'),
  },
  schedule: daily('00:25', 'UTC'),
  upstream: ['binance-spot', 'binance-spot-api'],
  freshness: { freshFor: '26 hours', serveStaleFor: '7 days', keepFor: '30 days' },
  run: { mode: 'plain', deadline: '60 seconds', attempts: 2, backoff: '1 second' },
  stored: 'snapshot',
  envelope: 'code',
  reads: [
    {
      path: '/api/gainer-analysis/symbols',
      about: 'Symbols that are analysed, the most traded first, and how many are known',
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
      about: 'Replaces which symbols are analysed; what is left out is as configured',
      operation: 'change-symbols',
    },
  ],
  triggerNames: ['refresh_symbol_universe'],
  overridable: ['HAMA_UNIVERSE_SIZE', 'HAMA_INCLUDE', 'HAMA_EXCLUDE'],
})
