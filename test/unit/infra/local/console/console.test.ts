import { expect, test } from 'vitest'
import { LocalConsole } from '#infra/local/console/console.ts'
import { InvocationError } from '#infra/local/functions/function-worker.ts'

const NOW = Date.UTC(2026, 10, 20, 10, 0, 0)

function openConsole() {
  const printed: string[] = []
  const logged: string[] = []
  const console = new LocalConsole({
    print: (line) => printed.push(line),
    writeLog: (line) => logged.push(line),
    now: () => NOW,
  })
  return { console, printed, logged }
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
  [
    { ...RUN, outcome: 'unchanged', detail: 'the same body as before' },
    '09:59:58  global-market  unchanged  812 ms  the same body as before',
  ],
  [{ ...RUN, outcome: 'unchanged' }, '09:59:58  global-market  unchanged  812 ms'],
  [
    { ...RUN, outcome: undefined, message: 'Scheduler stopped', actor: 'ops@example.test' },
    '09:59:58  global-market  operator  Scheduler stopped by ops@example.test',
  ],
  [
    {
      level: 'INFO',
      message: 'Maintenance',
      timestamp: RUN.timestamp,
      subject: 'job:hama',
      action: 'pause',
      actor: 'operator',
    },
    '09:59:58  job:hama  pause  Maintenance by operator',
  ],
  [{ level: 'WARN', message: 'careful', timestamp: 'no time' }, '--:--:--  reads  WARN  careful'],
])('a run, a change by an operator, a warning and an error are one printed line each: %#', (record, line) => {
  const { console, printed, logged } = openConsole()

  console.functionLine('reads', JSON.stringify(record))

  expect(printed).toEqual([line])
  expect(logged).toEqual([JSON.stringify(record)])
})

test.each([
  { level: 'INFO', message: 'quiet' },
  { _aws: { Timestamp: 1 }, level: 'ERROR' },
])('other records and metrics are logged and not printed: %j', (record) => {
  const { console, printed, logged } = openConsole()

  console.functionLine('reads', JSON.stringify(record))

  expect(printed).toEqual([])
  expect(logged).toEqual([JSON.stringify(record)])
})

test('text that is no log record is printed, and logged as a record', () => {
  const { console, printed, logged } = openConsole()

  console.functionLine('reads', 'Warning: something old')

  expect(printed).toEqual(['10:00:00  reads  Warning: something old'])
  expect(logged.map((line) => JSON.parse(line))).toEqual([
    { function: 'reads', message: 'Warning: something old' },
  ])
})

test('what comes from outside cannot steer the terminal (F49)', () => {
  const { console, printed } = openConsole()
  const evil = '\u001b[2Jgone\r\nforged\u009b1m\u202e\u2028'

  console.functionLine('reads', JSON.stringify({ ...RUN, message: evil, reason: evil }))
  console.functionLine('reads', `plain ${evil.replaceAll('\r\n', '')}`)
  console.fault('HTTP API', new Error(evil))

  expect(printed).toHaveLength(3)
  for (const line of printed) {
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(line).toContain('\\u{1b}[2Jgone')
  }
})

test('a printed line is cut at 500 characters, the logged one is complete', () => {
  const { console, printed, logged } = openConsole()
  const line = JSON.stringify({ ...RUN, message: 'x'.repeat(5_000) })

  console.functionLine('reads', line)

  expect(printed[0]).toHaveLength(501)
  expect(logged).toEqual([line])
})

test('a dead letter is one printed line, logged with its event and the stack inside the function', () => {
  const { console, printed, logged } = openConsole()
  const error = new InvocationError('job-a: RangeError: too far', 'RangeError: too far\n    at index.cjs:1')

  console.deadLetter('job-a', { job: 'a' }, error)

  expect(printed).toEqual(['10:00:00  dead letter: job-a: RangeError: too far'])
  expect(logged.map((line) => JSON.parse(line))).toEqual([
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

test('a note is one printed line, logged with its fields', () => {
  const { console, printed, logged } = openConsole()

  console.note('coingecko  call 17: HTML under 200', { call: 17 })

  expect(printed).toEqual(['10:00:00  coingecko  call 17: HTML under 200'])
  expect(logged.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'INFO',
      message: 'coingecko  call 17: HTML under 200',
      timestamp: '2026-11-20T10:00:00.000Z',
      call: 17,
    },
  ])
})
