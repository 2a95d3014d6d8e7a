import { parseArgs } from 'node:util'
import { expect, test } from 'vitest'
import { CheckError } from '#infra/checks/findings.ts'
import { UsageError, userErrorLines } from '#infra/command/report-user-errors.ts'
import { StartError } from '#infra/local/host/lifecycle.ts'
import { StageError } from '#infra/stages/config.ts'
import { defineJob } from '#shared/declare/job.ts'
import { SettingsError } from '#shared/declare/settings.ts'

function thrownBy(action: () => unknown): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  throw new Error('expected an error, got none')
}

test.each([
  [new SettingsError([{ name: 'A', message: 'expected 1' }]), ['A: expected 1']],
  [new StageError('one\ntwo'), ['one', 'two']],
  [new CheckError('error limits a: expected less'), ['error limits a: expected less']],
  [new StartError(['port 1 is in use', 'no table']), ['port 1 is in use', 'no table']],
  [new UsageError('expected a number of minutes'), ['expected a number of minutes']],
])('%s is lines without a stack', (error, lines) => {
  expect(userErrorLines(error)).toEqual(lines)
})

test('an unknown option is one line', () => {
  const error = thrownBy(() => parseArgs({ args: ['-c', 'stage=prod'], options: {} }))

  expect(userErrorLines(error)).toEqual([expect.stringContaining("Unknown option '-c'")])
})

test('a faulty declaration is one line that names the job and the member', () => {
  const error = thrownBy(() => defineJob({ id: 'Bad Id' } as never))

  expect(userErrorLines(error)).toEqual([expect.stringMatching(/job "Bad Id"/)])
})

test.each([new TypeError('x is not a function'), new RangeError('job "a": too deep'), 'text'])(
  'a defect keeps its stack: %s',
  (error) => {
    expect(userErrorLines(error)).toBeUndefined()
  },
)
