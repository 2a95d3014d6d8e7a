import { defineJob } from '#shared/declare/job.ts'
import { cron } from '#shared/declare/schedule.ts'
import { count } from '#shared/declare/settings.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { SCHEDULER_SETTINGS } from '#shared/systems/common/settings.ts'
import { SUMMARIES } from '#shared/systems/summaries/summary-record.ts'

const INPUTS_PATH = '/api/v1/admin/macro-inputs'

/** The macro risk in five dimensions, from the macro indicators, the events and inputs of operators. */
export const job = defineJob({
  id: 'macro-risk',
  title: 'Macro risk',
  priority: 'P0',
  settings: {
    ...SCHEDULER_SETTINGS,
    RETENTION_DAYS_RISK: count(90, {
      unit: 'days',
      min: 2,
      max: 365,
      about: 'days for which computed risks are kept',
    }),
  },
  off: (s) => (s.ENABLE_SCHEDULER ? undefined : 'ENABLE_SCHEDULER is false'),
  // twenty minutes after the events; on the days on which the clock changes an interval has five or seven hours
  schedule: cron('20 0/6 * * ? *', 'America/New_York'),
  inputs: [{ items: 'macro-indicators' }, { items: 'geo-events' }],
  follows: ['macro-indicators', 'geo-events'],
  viewInputs: [SUMMARIES],
  operatorData: ['macro-inputs'],
  history: (s) => ({ risks: s.RETENTION_DAYS_RISK * DAY_MS }),
  freshness: { freshFor: '7.25 hours', serveStaleFor: '24 hours', keepFor: '30 days' },
  run: { mode: 'plain', deadline: '60 seconds' },
  stored: 'items',
  envelope: 'plain',
  reads: [
    {
      path: '/api/v1/macro/risk/overview',
      about: 'The macro risk: its level, five dimensions, alerts and concerns; with days, former ones too',
      key: 'overall',
      view: 'overview',
      query: {
        days: {
          pattern: '[1-9]|[1-8][0-9]|90',
          about: 'also the scores of so many days, 1 to 90',
          invalidMessage: 'days: expected a whole number from 1 to 90',
        },
      },
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },
  ],
  aliases: [
    {
      method: 'GET',
      path: INPUTS_PATH,
      about: 'The inputs of the macro risk that operators have put',
      operation: 'show-operator-data',
    },
    {
      method: 'PUT',
      path: INPUTS_PATH,
      about: 'Replaces these inputs; they are used for 45 days',
      operation: 'replace-operator-data',
    },
    { method: 'DELETE', path: INPUTS_PATH, about: 'Erases these inputs', operation: 'erase-operator-data' },
  ],
  triggerNames: ['calculate_macro_risk', 'risk'],
  failuresBeforeAlarm: 2,
})
