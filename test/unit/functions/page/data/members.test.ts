import { expect, test } from 'vitest'
import { cellText, membersOf } from '#functions/page/data/members.ts'

const CUT_AT = 300

test('the members of records within a record have their path', () => {
  const analysis = { symbol: 'BTCUSDT', signals: { ha_close: 91_754.6, last: { cross: -1 } }, gaps: null }

  expect(membersOf(analysis)).toEqual([
    ['symbol', 'BTCUSDT'],
    ['signals.ha_close', 91_754.6],
    ['signals.last.cross', -1],
    ['gaps', null],
  ])
})

test('a list is one member, and an empty record is visible', () => {
  expect(membersOf({ levels: [1, 2], reasons: {} })).toEqual([
    ['levels', [1, 2]],
    ['reasons', {}],
  ])
})

test('a record without members has none, and a value that is no record is its own', () => {
  expect([membersOf({}), membersOf(null), membersOf('text')]).toEqual([[], [['', null]], [['', 'text']]])
})

test.each([
  ['a member that a record does not have is empty', undefined, ''],
  ['null is written', null, 'null'],
  ['a figure is written with all of its digits', 0.00001743, '0.00001743'],
  ['a list is JSON', [1, 'two'], '[1,"two"]'],
  ['a text of 300 characters is whole', 'x'.repeat(CUT_AT), 'x'.repeat(CUT_AT)],
  ['one more is cut', 'x'.repeat(CUT_AT + 1), `${'x'.repeat(CUT_AT)}…`],
  ['10 kB are cut', 'word '.repeat(2_000), `${'word '.repeat(60)}…`],
  ['markup stays text', '<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['text from right to left stays as it is', '\u202Eالقراءة', '\u202Eالقراءة'],
])('%s', (_claim, value, text) => {
  expect(cellText(value)).toBe(text)
})

test('a sign of two code units is never cut in half', () => {
  const text = cellText(`${'x'.repeat(CUT_AT - 1)}🚀🚀`)

  expect(text).toBe(`${'x'.repeat(CUT_AT - 1)}…`)
  expect(text.isWellFormed()).toBe(true)
})
