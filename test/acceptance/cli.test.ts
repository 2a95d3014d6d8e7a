import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { SHORT_TTL_SETTINGS, startAndWait } from '#test/support/process/local-process.ts'
import { fixedResponse, goodReading, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { type OnCleanup, temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const FRESHET = resolve('infra/cli/freshet.mjs')

/** The command line of an operator of one system; the result of a command that fails is a result too. */
function commandLine(env: Readonly<Record<string, string>>) {
  return async (...args: readonly string[]) => {
    try {
      const { stdout } = await promisify(execFile)(process.execPath, [FRESHET, ...args], { env })
      return { code: 0, out: stdout, err: '' }
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string }
      return { code, out: stdout, err: stderr }
    }
  }
}

async function started(atEnd: OnCleanup, data: string, upstream: Readonly<Record<string, string>>) {
  const system = await startAndWait({ FRESHET_DATA: data, ...upstream, ...SHORT_TTL_SETTINGS }, atEnd)
  const line = await system.waitForLine(/^Freshet \S+ at http:/)
  const url = line.slice(line.indexOf('http:'))
  return {
    system,
    freshet: commandLine({ FRESHET_DATA: data, FRESHET_URL: url, PATH: process.env['PATH'] ?? '' }),
  }
}

test('an operator sees a broken provider, pauses with a reason, restarts, resumes and triggers, by the command line alone', async ({
  onTestFinished: atEnd,
}) => {
  const upstream = await scriptedUpstream(atEnd)
  const data = await temporaryDirectory(atEnd)
  const first = await started(atEnd, data, upstream.setting)
  await first.system.waitForLine(/global-market {2}succeeded/)

  const jobs = await first.freshet('jobs')
  upstream.respondWith(fixedResponse(500, 'text/plain', 'Oops'))
  const failed = await first.freshet('trigger', 'global-market', '--wait', '--reason', 'a look')
  const explained = await first.freshet('explain', 'global-market')
  const runs = JSON.parse((await first.freshet('--json', 'runs', 'global-market', '--outcome', 'failed')).out)
  const paused = await first.freshet(
    'pause',
    'global-market',
    '--for',
    '2h',
    '--reason',
    'the provider is down',
  )
  const planned = await first.freshet('plan', '--job', 'global-market')
  await first.system.kill()

  const second = await started(atEnd, data, upstream.setting)
  const shown = await second.freshet('job', 'global-market')
  const resumed = await second.freshet('resume', 'global-market')
  upstream.respondWith(goodReading())
  const healed = await second.freshet('trigger', 'global-market', '--wait')
  const invalidated = await second.freshet('invalidate', 'global-market', '--all')
  const queues = await second.freshet('dlq', 'list')
  const redriven = await second.freshet('--json', 'dlq', 'redrive', '--job', 'global-market')
  const refused = await second.freshet('--token', 'x'.repeat(43), 'jobs')
  const answer = await second.freshet('get', '/api/v1/currencies/global-market-stats')
  const audit = JSON.parse((await second.freshet('--json', 'audit', '--job', 'global-market')).out)

  // its value is fresh for a second
  expect(jobs.out).toMatch(/^global-market +(?:fresh|overdue) +succeeded/m)
  expect([failed.code, failed.out]).toEqual([1, expect.stringMatching(/^global-market-\w+: failed: /)])
  expect([explained.code, explained.out]).toEqual([
    10,
    expect.stringMatching(
      /^The last run has failed \(upstream-fault\); .*\nThe (?:next tick is at|tick of) /,
    ),
  ])
  expect(runs.runs[0]).toMatchObject({ outcome: 'failed', reason: 'upstream-fault' })
  expect(paused.out).toMatch(/^global-market: paused until /)
  expect(planned.out).toMatch(/^job +there +UTC +here \(.*\) +skipped$/m)
  expect(planned.out).toMatch(/^global-market +\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC .* paused$/m)
  expect(shown.out).toMatch(/paused +until \S+ by operator: the provider is down/)
  expect([resumed.code, resumed.out]).toEqual([0, 'global-market: not paused\n'])
  expect(audit.entries.map(({ action }: { action: string }) => action)).toEqual([
    'redrive',
    'invalidate',
    'trigger',
    'resume',
    'pause',
    'trigger',
  ])
  expect(invalidated.out).toMatch(/^1 of global-market are stale now$/m)
  expect(queues.out).toMatch(/^undelivered: 0, failed-runs: 0$/m)
  expect(JSON.parse(redriven.out)).toMatchObject({ redriven: 0, left: 0 })
  expect(refused).toMatchObject({
    code: 1,
    err: expect.stringContaining('The token is not accepted: set FRESHET_DATA'),
  })
  expect([healed.code, healed.out]).toEqual([0, expect.stringMatching(/: (?:succeeded|unchanged)/)])
  expect(answer.out).toMatch(/^(?:fresh|stale), confirmed \d+ seconds? ago$/m)
}, 120_000)

test('an error says what to do next, with an exit code for scripts', async ({ onTestFinished: atEnd }) => {
  const data = await temporaryDirectory(atEnd)
  const freshet = commandLine({
    FRESHET_DATA: data,
    FRESHET_URL: 'http://127.0.0.1:9',
    PATH: process.env['PATH'] ?? '',
  })

  const silent = await freshet('jobs')
  const unknown = await freshet('job')
  const both = await freshet('pause', 'hama', '--all', '--for', '1h', '--reason', 'x')

  expect(silent).toMatchObject({ code: 1, err: expect.stringContaining('Start it with npm start') })
  expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("missing required argument 'job'") })
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('expected a job or --all, got both') })
})
