import { expect, test } from 'vitest'
import { localConsole } from '#infra/local/console/console.ts'
import { InvocationError } from '#infra/local/functions/function-worker.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 0, 0)

function open() {
  const shown: string[] = []
  const kept: string[] = []
  const console = localConsole({
    print: (line) => shown.push(line),
    writeLog: (line) => kept.push(line),
    now: () => NOW,
  })
  return { console, shown, kept }
}

const RUN = {
  level: 'INFO',
  message: 'Successfully updated',
  timestamp: '2026-11-20T09:59:58.123Z',
  job: 'global-market',
  outcome: 'succeeded',
  duration_ms: 812.4,
}

test.each([
  [RUN, '09:59:58  global-market  succeeded  812 ms  Successfully updated'],
  [
    { ...RUN, outcome: 'skipped', reason: 'upstream-cooling', duration_ms: 3 },
    '09:59:58  global-market  skipped (upstream-cooling)  3 ms  Successfully updated',
  ],
  [
    {
      ...RUN,
      level: 'ERROR',
      outcome: 'failed',
      reason: 'timeout',
      message: 'failed after 3 attempts',
      detail: 'no answer',
      duration_ms: 61_240,
    },
    '09:59:58  global-market  failed (timeout)  61.2 s  failed after 3 attempts: no answer',
  ],
  [{ level: 'WARN', message: 'careful', timestamp: 'no time' }, '--:--:--  reads  WARN  careful'],
])('a run, a warning and an error are one line for a person: %#', (record, line) => {
  const { console, shown, kept } = open()

  console.functionLine('reads', JSON.stringify(record))

  expect(shown).toEqual([line])
  expect(kept).toEqual([JSON.stringify(record)])
})

test.each([
  { level: 'INFO', message: 'quiet' },
  { _aws: { Timestamp: 1 }, level: 'ERROR' },
])('quiet lines and metrics are kept and not shown: %j', (record) => {
  const { console, shown, kept } = open()

  console.functionLine('reads', JSON.stringify(record))

  expect(shown).toEqual([])
  expect(kept).toEqual([JSON.stringify(record)])
})

test('text that is no log line is shown, and kept as one', () => {
  const { console, shown, kept } = open()

  console.functionLine('reads', 'Warning: something old')

  expect(shown).toEqual(['10:00:00  reads  Warning: something old'])
  expect(kept.map((line) => JSON.parse(line))).toEqual([
    { function: 'reads', message: 'Warning: something old' },
  ])
})

test('what comes from outside cannot steer the terminal (F49)', () => {
  const { console, shown } = open()
  const evil = '\u001b[2Jgone\r\nforged\u009b1m\u202e\u2028'

  console.functionLine('reads', JSON.stringify({ ...RUN, message: evil, reason: evil }))
  console.functionLine('reads', `plain ${evil.replaceAll('\r\n', '')}`)
  console.fault('HTTP API', new Error(evil))

  expect(shown).toHaveLength(3)
  for (const line of shown) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(line).toContain('\\u{1b}[2Jgone')
  }
})

test('a line for a person has an end, the kept one is whole', () => {
  const { console, shown, kept } = open()
  const line = JSON.stringify({ ...RUN, message: 'x'.repeat(5_000) })

  console.functionLine('reads', line)

  expect(shown[0]).toHaveLength(501)
  expect(kept).toEqual([line])
})

test('a dead letter is one line, kept with its event and the stack inside the function', () => {
  const { console, shown, kept } = open()
  const error = new InvocationError('job-a: RangeError: too far', 'RangeError: too far\n    at index.cjs:1')

  console.deadLetter('job-a', { job: 'a' }, error)

  expect(shown).toEqual(['10:00:00  dead letter: job-a: RangeError: too far'])
  expect(kept.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'ERROR',
      message: 'dead letter: job-a: RangeError: too far',
      timestamp: '2026-11-20T10:00:00.000Z',
      function: 'job-a',
      event: { job: 'a' },
      trace: 'RangeError: too far\n    at index.cjs:1',
    },
  ])
})

test('a note is one line, kept with its fields and no fault', () => {
  const { console, shown, kept } = open()

  console.note('coingecko  call 17: HTML under 200', { call: 17 })

  expect(shown).toEqual(['10:00:00  coingecko  call 17: HTML under 200'])
  expect(kept.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'INFO',
      message: 'coingecko  call 17: HTML under 200',
      timestamp: '2026-11-20T10:00:00.000Z',
      call: 17,
    },
  ])
})
