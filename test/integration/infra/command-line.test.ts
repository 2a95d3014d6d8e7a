import { execFile } from 'node:child_process'
import { expect, test } from 'vitest'

interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function run(file: string, args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [file, ...args],
      { env: { PATH: process.env['PATH'] } },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}

test.each([
  ['infra/plan/plan.ts', ['-c', 'stage=prod'], /^-c: expected alarmEmail=<address>, got "stage=prod"$/],
  ['infra/plan/plan.ts', ['--stage=nope'], /^expected one of the stages dev, prod; got "nope"$/],
  ['test/bench/chaos.ts', ['--nope'], /^Unknown option '--nope'/],
  ['test/bench/chaos.ts', ['--profile=calm'], /^--profile: expected one of storm, outage, slow, got "calm"$/],
  ['test/bench/chaos.ts', ['soon'], /^expected a number of minutes or nothing, got soon$/],
  ['infra/local/start.ts', ['--nope'], /^Freshet: Unknown option '--nope'/],
])('%s %j ends with one line and exit code 1', async (file, args, line) => {
  const { code, stdout, stderr } = await run(file, args)

  expect(code).toBe(1)
  expect(stdout).toBe('')
  expect(stderr.trimEnd()).toMatch(line)
  expect(stderr.trimEnd().split('\n')).toHaveLength(1)
})

test.each([
  ['infra/plan/plan.ts', '--help', /^npm run plan /],
  ['test/bench/chaos.ts', '--help', /^npm run chaos /],
  ['infra/local/start.ts', '-h', /^npm start /],
])('%s %s prints its usage and ends with 0', async (file, argument, usage) => {
  const { code, stdout, stderr } = await run(file, [argument])

  expect(stdout).toMatch(usage)
  expect([code, stderr]).toEqual([0, ''])
})
