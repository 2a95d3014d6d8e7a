import { defineJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { list } from '#shared/declare/settings.ts'
import { SCHEDULER_SETTINGS } from '#shared/systems/common/settings.ts'
import { BARS_SETTINGS } from '#shared/systems/portfolio/settings.ts'
import { SUMMARY_KINDS, type SummaryKind } from '#shared/systems/summaries/kinds.ts'
import { SUMMARY_SETTINGS, summariesOff } from '#shared/upstreams/summaries/settings.ts'

const KIND = SUMMARY_KINDS.join('|')

/** Texts of a language model about stored figures, each judged before it is stored. */
export const job = defineJob({
  id: 'ai-summaries',
  title: 'AI summaries',
  priority: 'P2',
  settings: {
    ...SCHEDULER_SETTINGS,
    ...SUMMARY_SETTINGS,
    PORTFOLIO_SYMBOLS: BARS_SETTINGS.PORTFOLIO_SYMBOLS,
    AI_SUMMARY_KINDS: list(['macro'], {
      of: (word): word is SummaryKind => (SUMMARY_KINDS as readonly string[]).includes(word),
      rule: `kinds of summaries (${SUMMARY_KINDS.join(', ')})`,
      about:
        'what is summarised: the macro risk, and for each symbol its scores, its indicators and its fundamentals',
    }),
  },
  off: (s) => (s.ENABLE_SCHEDULER ? summariesOff(s) : 'ENABLE_SCHEDULER is false'),
  // after the runs of its inputs, the last of which are those of the macro risk
  schedule: every('1 hour', { offset: '25 minutes' }),
  upstream: 'ai-summaries',
  inputs: [
    { items: 'macro-risk' },
    { items: 'position-scores' },
    { items: 'technical' },
    { items: 'fundamental' },
  ],
  // readers see a summary of the risk only while its figures are the same
  follows: ['macro-risk'],
  operatorData: ['positions'],
  freshness: { freshFor: '75 minutes', serveStaleFor: '6 hours', keepFor: '7 days' },
  run: { mode: 'plain', deadline: '5 minutes', attempts: 2, backoff: '5 seconds' },
  stored: 'items',
  keys: {
    pattern: `(?:${KIND}):[A-Za-z0-9.-]{1,15}`,
    about: 'the kind of a summary and what it is about, such as macro:overall or position:AAPL',
  },
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/admin/summaries/{kind}/{key}',
      about: 'What a language model wrote about stored figures',
      view: 'summary',
      parameters: {
        kind: { pattern: KIND, about: 'what is summarised' },
        key: { pattern: '[A-Za-z0-9.-]{1,15}', about: 'the symbol of a position; overall for macro' },
      },
      access: 'operator',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  triggerNames: ['refresh_ai_summaries'],
})
