import { expect, it } from 'vitest'
import { answerTime } from '#shared/engine/fetch/attempt.ts'

const NOW = Date.UTC(2026, 10, 20, 12)
const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toUTCString()

it.each([
  ['61 s ago', ago(61), 61],
  ['an hour ago', ago(3_600), 3_600],
  ['24 h ago', ago(86_400), 86_400],
  ['as an asctime date', 'Fri Nov 20 11:00:00 2026', 3_600],
])('an answer with a Date %s was made then', (_, date, seconds) => {
  expect(answerTime(date, NOW)).toBe(NOW - seconds * 1_000)
})

it.each([
  ['60 s ago, within the skew of clocks', ago(60)],
  ['more than 24 h ago', ago(86_401)],
  ['in the future', ago(-3_600)],
  ['that is none', 'yesterday'],
  ['that is missing', undefined],
])('an answer with a Date %s was made now', (_, date) => {
  expect(answerTime(date, NOW)).toBe(NOW)
})
