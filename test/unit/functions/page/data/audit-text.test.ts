import { expect, test } from 'vitest'
import { entryText } from '#functions/page/data/audit-text.ts'

test.each([
  ['pause', 'job:hama', 'ada: pause of job hama'],
  ['resume', 'job:hama', 'ada: resume of job hama'],
  ['skip', 'job:hama', 'ada: skip of job hama'],
  ['override', 'job:hama', 'ada: override of job hama'],
  ['start', 'job:hama', 'ada: start of job hama'],
  ['stop', 'job:hama', 'ada: stop of job hama'],
  ['trigger', 'job:hama', 'ada: trigger of job hama'],
  ['live-read', 'job:technical', 'ada: live read of job technical'],
  ['submit', 'job:funding-rates', 'ada: submit of job funding-rates'],
  ['invalidate', 'job:hama', 'ada: invalidate of job hama'],
  ['purge', 'job:hama', 'ada: purge of job hama'],
  ['cancel', 'run:hama#2026-11-29T08:33:00Z', 'ada: cancel of run hama#2026-11-29T08:33:00Z'],
  ['reset', 'upstream:coingecko', 'ada: reset of upstream coingecko'],
  ['replace-positions', 'data:positions', 'ada: replace positions'],
  ['erase-positions', 'data:positions', 'ada: erase positions'],
  ['redrive', 'dlq:all', 'ada: redrive of all failure queues'],
  ['redrive', 'dlq:failed-runs', 'ada: redrive of failure queue failed-runs'],
  ['pause-failed', 'job:hama', 'ada: pause of job hama failed'],
  ['erase-positions-failed', 'data:positions', 'ada: erase positions failed'],
])('%s of %s is "%s"', (action, subject, text) => {
  expect(entryText({ actor: 'ada', action, subject, reason: null })).toBe(text)
})

test('the reason follows as the operator wrote it', () => {
  const reason = '<b>maintenance</b>: \u202Eright to left\u202C 🛠️'

  expect(entryText({ actor: 'ada', action: 'pause-failed', subject: 'job:hama', reason })).toBe(
    `ada: pause of job hama failed: ${reason}`,
  )
})

test('only the first colon of a subject ends its kind, and a line break in its name stays', () => {
  const subject = 'run:hama:key:BTC\nUSDT'

  expect(entryText({ actor: 'ada', action: 'cancel', subject, reason: null })).toBe(
    'ada: cancel of run hama:key:BTC\nUSDT',
  )
})
