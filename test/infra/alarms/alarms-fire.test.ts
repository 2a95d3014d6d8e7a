import type { Context } from 'aws-lambda'
import { expect, test, vi } from 'vitest'
import { job as globalMarket } from '#functions/jobs/global-market/job.ts'
import { job as retention } from '#functions/jobs/retention/job.ts'
import { job as technical } from '#functions/jobs/technical/job.ts'
import { ReadCounts } from '#functions/reads/metrics.ts'
import { READ_METRIC } from '#functions/runtime/metric-names.ts'
import { type AlarmSpec, HIT_RATIO_EXPRESSION } from '#infra/alarms/alarm-spec.ts'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { type AlarmKind, runbook } from '#infra/alarms/runbook.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { every } from '#shared/declare/schedule.ts'
import { runTaskStep } from '#shared/engine/task/steps.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesJob, pricesWorld } from '#test/fakes/jobs/prices.ts'
import { projects, projectsWorld, REFUSAL, refusing } from '#test/fakes/jobs/projects.ts'
import { retentionWorld } from '#test/fakes/jobs/retention.ts'
import { reader } from '#test/fakes/world/clients.ts'
import type { Reply, World } from '#test/fakes/world/world.ts'
import { alarmChanges, simulateWatchdog } from '#test/support/infra/alarms.ts'
import { flattenIntrinsics, nameInStage, type Resource, synthesize } from '#test/support/infra/synthesis.ts'
import { tinyTaskJob } from '#test/support/jobs/test-jobs.ts'

const T0 = Date.UTC(2026, 10, 20, 12, 1, 0)
const DAY = 86_400_000
const rung = new Set<AlarmKind>()
const specs = alarmsOf('test', [
  resolveJob(pricesJob('items'), {}),
  resolveJob(tinyTaskJob(), {}),
  resolveJob(retention, {}),
])
const { ofType } = synthesize({ jobs: [globalMarket] })

/** A test that brings about what an alarm is for. */
function rings(kind: AlarmKind, when: string, prove: (spec: AlarmSpec) => Promise<void> | void): void {
  rung.add(kind)
  test(`${kind} rings when ${when}`, async () => {
    const spec = specs.find((one) => one.kind === kind)
    if (!spec) throw new Error(`expected an alarm of the kind ${kind}, got none`)
    await prove(spec)
  })
}

/** A world of one symbol, watched from before its first tick. */
function healthy() {
  const world = pricesWorld('items', ['AAA'], T0)
  const answers = (): Reply => ({ status: 200, body: { symbol: 'AAA', price: 1, at: world.clock.now() } })
  world.script(answers)
  return { world, answers, ...simulateWatchdog(world) }
}

type Healthy = ReturnType<typeof healthy>

/** After half an hour of health the alarm is silent; after what goes wrong then it has been raised. */
async function expectToRing(spec: AlarmSpec, goesWrong: (healthy: Healthy) => Promise<void>): Promise<void> {
  const system = healthy()
  await system.pass({ minutes: 30 })
  const before = alarmChanges(spec, system.samples)

  await goesWrong(system)

  expect(before).toEqual([])
  expect(alarmChanges(spec, system.samples).map(({ to }) => to)).toContain('ALARM')
}

const answering = (reply: Reply, minutes: number) => async (system: Healthy) => {
  system.world.script(() => reply)
  await system.pass({ minutes })
}

rings('overdue', 'the provider sends nothing usable', (spec) =>
  expectToRing(spec, answering({ status: 200, body: '<html>' }, 40)),
)

test('overdue rings when the watchdog is silent', async () => {
  const spec = specs.find(({ kind }) => kind === 'overdue')
  const { pass, samples } = healthy()
  await pass({ minutes: 30 })

  const silent = [...samples, { at: T0 + 60 * 60_000, points: [] }]

  expect(spec && alarmChanges(spec, silent).at(-1)?.to).toBe('ALARM')
})

rings('failing', 'five runs in a row fail', (spec) =>
  expectToRing(spec, answering({ status: 200, body: '<html>' }, 30)),
)

rings('missed-ticks', 'no tick is delivered any more', (spec) =>
  expectToRing(spec, ({ pass }) => pass({ minutes: 30, ticks: false })),
)

rings('abandoned-runs', 'the process of a run dies', (spec) =>
  expectToRing(spec, async ({ world, pass }) => {
    world.script(() => new Promise(() => {}))
    await pass({ minutes: 30, dies: true })
  }),
)

rings('success-ratio', 'more than one run in ten fails', (spec) =>
  expectToRing(spec, answering({ status: 200, body: '<html>' }, 30)),
)

rings('retries', 'every call takes two attempts', (spec) =>
  expectToRing(spec, async ({ world, answers, pass }) => {
    let isFirst = false
    world.script(() => {
      isFirst = !isFirst
      return isFirst ? { status: 500, body: '' } : answers()
    })
    await pass({ minutes: 120 })
  }),
)

rings('slow-runs', 'the provider uses most of a run’s time', (spec) =>
  expectToRing(spec, async ({ world, answers, pass }) => {
    world.script(async () => {
      await world.clock.sleep(100_000)
      return answers()
    })
    await pass({ minutes: 15 })
  }),
)

rings('slow-upstream', 'the provider takes six seconds for each response', (spec) =>
  expectToRing(spec, async ({ world, answers, pass }) => {
    world.script(async () => {
      await world.clock.sleep(6_000)
      return answers()
    })
    await pass({ minutes: 30 })
  }),
)

rings('many-keys-failed', 'two runs in a row lose more than a fifth of their keys', async (spec) => {
  const symbols = ['AAA', 'BBB', 'CCC', 'DDD', 'EEE', 'FFF']
  const world = pricesWorld('items', symbols, T0)
  const { pass, samples } = simulateWatchdog(world)
  const priced = ({ url }: { readonly url: URL }): Reply => ({
    status: 200,
    body: priceBody(url, 1, world.clock.now()),
  })
  world.script(priced)
  await pass({ minutes: 30 })
  const isLost = (url: URL) => ['AAA', 'BBB'].includes(url.searchParams.get('symbol') ?? '')

  world.script((request) => (isLost(request.url) ? { status: 404, body: '{}' } : priced(request)))
  await pass({ minutes: 6 })
  const once = alarmChanges(spec, samples)
  await pass({ minutes: 6 })
  const twice = alarmChanges(spec, samples)
  world.script(priced)
  await pass({ minutes: 12 })

  expect(once).toEqual([])
  expect(twice.map(({ to }) => to)).toEqual(['ALARM'])
  expect(alarmChanges(spec, samples).map(({ to }) => to)).toEqual(['ALARM', 'OK'])
})

rings('many-keys-failed', 'the provider refuses three of five calls of each run', async (spec) => {
  const world = projectsWorld(projects, { job: { schedule: every('10 minutes') }, upstream: refusing })
  const { pass, samples } = simulateWatchdog(world)
  const ids = ['p1', 'p2', 'p3', 'p4']
  const answer =
    (refused: readonly string[]) =>
    ({ url }: { readonly url: URL }): Reply => {
      const name = url.pathname.split('/').at(-1) ?? ''
      return { status: 200, body: refused.includes(name) ? REFUSAL : { ids } }
    }
  world.script(answer([]))
  await pass({ minutes: 30 })
  const before = alarmChanges(spec, samples)

  world.script(answer(['p1', 'p2', 'p4']))
  await pass({ minutes: 180 })
  const refused = alarmChanges(spec, samples)
  world.script(answer([]))
  await pass({ minutes: 180 })

  expect([before, refused.map(({ to }) => to)]).toEqual([[], ['ALARM']])
  expect(alarmChanges(spec, samples).map(({ to }) => to)).toEqual(['ALARM', 'OK'])
})

rings('freshness', 'the data are stale for hours', (spec) =>
  expectToRing(spec, answering({ status: 200, body: '<html>' }, 6 * 60)),
)

rings('key-refused', 'the provider refuses the key', (spec) =>
  expectToRing(spec, answering({ status: 401, body: 'no' }, 15)),
)

rings('upstream-cooling', 'the provider demands a cool-down of hours', (spec) =>
  expectToRing(spec, answering({ status: 429, body: '', headers: { 'retry-after': '7200' } }, 90)),
)

rings('dataset-growth', 'a dataset has grown by more than a half within seven days', async (spec) => {
  const world = retentionWorld(T0, [technical])
  const { watch, samples } = simulateWatchdog(world)
  const addRows = async (count: number, of: string) => {
    for (let row = 0; row < count; row += 1) await world.putRow('technical', 'daily', 0, `${of}-${row}`)
  }
  const runOfNextDay = async () => {
    world.clock.advance(DAY)
    await world.runAll()
    await watch()
  }
  await addRows(100, 'first')
  await world.runAll()
  await watch()
  for (let day = 1; day < 21; day += 1) await runOfNextDay()
  const before = alarmChanges(spec, samples)

  await addRows(51, 'more')
  await runOfNextDay()
  const grown = alarmChanges(spec, samples)
  for (let day = 0; day < 8; day += 1) await runOfNextDay()
  const afterAWeek = samples.at(-1)?.points.find(({ metric }) => metric === 'JobsWithDatasetGrowth')

  expect(before).toEqual([])
  expect(grown.map(({ to }) => to)).toEqual(['ALARM'])
  expect(afterAWeek).toMatchObject({ value: 0 })
})

/** An hour of looks at a job with one task, whose machine begins or does not, and never ends. */
async function expectTaskToRing(spec: AlarmSpec, begins: boolean): Promise<void> {
  const run = { mode: 'task', deadline: '10 minutes' } as const
  const world = pricesWorld('items', ['AAA'], T0, { change: { run } })
  const { job, ports } = world.work
  const { pass, samples } = simulateWatchdog(world)
  await pass({ minutes: 10, ticks: false })
  const before = alarmChanges(spec, samples)
  const stateMachines = { start: async () => {} }
  const request = { job, cause: 'operator', params: {} } as const
  const submission = await submit(request, { ...ports, store: world.store, stateMachines })
  const id = 'run' in submission ? submission.run.id : ''
  if (begins) await runTaskStep({ step: 'begin', run: id }, world.work, T0 + 15 * 60_000)

  await pass({ minutes: 90, ticks: false })

  expect(before).toEqual([])
  expect(alarmChanges(spec, samples).map(({ to }) => to)).toEqual(['ALARM', 'OK'])
}

rings('failed-tasks', 'the machine of a task never begins', (spec) => expectTaskToRing(spec, false))

rings('timed-out-tasks', 'a task does not end', (spec) => expectTaskToRing(spec, true))

rings(
  'undelivered',
  'the scheduler or the bus gives an event up: it goes to the queue that the alarm looks at',
  ({ name }) => {
    const deliveryAlarms = [
      ...ofType('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target.DeadLetterConfig),
      ...ofType('AWS::Events::Rule').flatMap(({ properties }) =>
        properties.Targets.map((target: { DeadLetterConfig: object }) => target.DeadLetterConfig),
      ),
    ]

    expect(deliveryAlarms).toHaveLength(3)
    for (const { Arn } of deliveryAlarms) expect(resourceOf(Arn)).toBe(namespaceOf(name))
  },
)

rings(
  'failed-runs',
  'an invocation ends without an outcome: its event goes to the queue that the alarm looks at',
  async ({ name }) => {
    for (const variable of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${variable}`, 'test')
    const { handler } = await import('#functions/jobs/global-market/handler.ts')
    const invocation = handler({ job: 'unknown' }, { getRemainingTimeInMillis: () => 60_000 } as Context)
    const destinations = ofType('AWS::Lambda::EventInvokeConfig').map(
      ({ properties }) => properties.DestinationConfig.OnFailure.Destination,
    )

    await expect(invocation).rejects.toThrow('expected an event for the job global-market')
    expect(destinations).toHaveLength(2)
    for (const destination of destinations) expect(resourceOf(destination)).toBe(namespaceOf(name))
  },
)

for (const kind of ['undelivered-expiring', 'failed-runs-expiring'] as const)
  rings(kind, 'an event stays in the queue: three days before it is deleted', (spec) => {
    const queue = ofType('AWS::SQS::Queue').find(({ id }) => id === namespaceOf(spec.name))
    const alarm = alarmOf(spec.name)
    const leftS = queue?.properties.MessageRetentionPeriod - spec.threshold

    expect(namespaceOf(spec.name)).toBe(namespaceOf(spec.name.replace('-expiring', '')))
    expect(alarm?.properties.MetricName).toBe('ApproximateAgeOfOldestMessage')
    expect(leftS).toBe(3 * 86_400)
  })

rings(
  'throttled',
  'fifty requests in five minutes get 429, which the lines of the access log count',
  (spec) => {
    const [filter, ...others] = ofType('AWS::Logs::MetricFilter')
    const [{ Dimensions, ...transformation } = {}] = filter?.properties.MetricTransformations ?? []
    const [stage] = ofType('AWS::ApiGatewayV2::Stage')
    const { service } = JSON.parse(stage?.properties.AccessLogSettings.Format)
    const rejections = (count: number) => ({
      at: T0,
      points: [{ metric: transformation.MetricName, unit: 'Count' as const, value: count }],
    })

    expect(others).toEqual([])
    expect(filter?.properties.FilterPattern).toBe('{ $.status = "429" }')
    expect(resourceOf({ 'Fn::GetAtt': [filter?.properties.LogGroupName.Ref, 'Arn'] })).toBe(
      resourceOf(stage?.properties.AccessLogSettings.DestinationArn),
    )
    expect(transformation).toEqual({
      MetricNamespace: 'Freshet',
      MetricName: 'ThrottledRequests',
      MetricValue: '1',
    })
    expect(Dimensions).toEqual([{ Key: 'service', Value: '$.service' }])
    expect(spec.series).toMatchObject({ metric: 'ThrottledRequests', dimensions: { service } })
    expect(alarmChanges(spec, [rejections(49)])).toEqual([])
    expect(alarmChanges(spec, [rejections(50)]).map(({ to }) => to)).toEqual(['ALARM'])
  },
)

rings('api-errors', 'readers request unknown paths, again and again', async ({ threshold }) => {
  const { get } = reader(pricesWorld('snapshot', ['AAA'], T0))

  const answers = await Promise.all(Array.from({ length: threshold }, () => get('/test/prices')))

  expect(answers.filter(({ statusCode }) => statusCode >= 500)).toHaveLength(threshold)
})

rings('api-slow', 'readers wait for keys without stored data', async ({ threshold }) => {
  const world = pricesWorld('items', ['AAA'], T0)

  await reader(world).get('/test/prices/AAA')

  expect(world.clock.now() - T0).toBeGreaterThanOrEqual(threshold)
})

rings('hit-ratio', 'more than one read in twenty has no stored data', async ({ threshold }) => {
  const [, fewest] = /^IF\(reads >= (\d+), 100 \* hits \/ reads, 100\)$/.exec(HIT_RATIO_EXPRESSION) ?? []
  const { get, line } = await countingReader()

  for (let read = 0; read < Number(fewest); read += 1)
    await get(read % 15 === 0 ? '/test/prices/GONE' : '/test/prices/AAA')
  const { [READ_METRIC.reads]: reads, [READ_METRIC.hits]: hits } = line()

  expect(reads).toBe(Number(fewest))
  expect((100 * hits) / reads).toBeLessThan(threshold)
})

rings('memory-fallback', 'readers get copies for five minutes, because the table fails', async (spec) => {
  const { get, line, world } = await countingReader()
  await get('/test/prices/AAA')
  line()
  world.store.items.get = () => Promise.reject(new Error('no table'))
  const samples = []
  for (let minute = 0; minute < 6; minute += 1) {
    world.clock.advance(30_000)
    const answer = await get('/test/prices/AAA')
    expect(answer.headers['cache-status']).toBe('freshet; hit; detail=table-unavailable')
    const value = line()[READ_METRIC.memoryFallbacks]
    const at = world.clock.now()
    samples.push({ at, points: [{ metric: READ_METRIC.memoryFallbacks, unit: 'Count' as const, value }] })
  }

  expect(alarmChanges(spec, samples.slice(0, 4))).toEqual([])
  expect(alarmChanges(spec, samples).map(({ to }) => to)).toEqual(['ALARM'])
})

rings('watchdog-errors', 'the table cannot be reached: the invocation fails', async () => {
  for (const variable of ['TABLE', 'BUS', 'STAGE', 'VERSION']) vi.stubEnv(`FRESHET_${variable}`, 'test')
  vi.stubEnv('AWS_ENDPOINT_URL', 'http://127.0.0.1:1')
  const { handler } = await import('#functions/watchdog/handler.ts')

  await expect(handler({}, {} as Context)).rejects.toThrow('could not be checked')
})

test('every alarm of the template is proven to ring, and has an entry in the runbook', () => {
  const kinds = new Set(specs.map(({ kind }) => kind))

  expect([...rung].sort()).toEqual([...kinds].sort())
  expect(Object.keys(runbook).sort()).toEqual([...kinds].sort())
})

/** A reader of one stored symbol whose counts can be read back as the line that is written. */
async function countingReader() {
  const world: World<unknown> = pricesWorld('items', ['AAA'], T0, { change: {} }) as World<unknown>
  world.script(({ url }) => ({ status: 200, body: priceBody(url, 1, T0) }))
  await world.tick(T0)
  const counts = new ReadCounts('test', world.clock)
  const { get } = reader(world, { counts })
  const line = () => {
    let written = ''
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      written += text
      return true
    })
    world.clock.advance(30_000)
    counts.write()
    vi.restoreAllMocks()
    return JSON.parse(written)
  }
  return { get, line, world }
}

/** The logical id in what a template refers to. */
function resourceOf(reference: unknown): string | undefined {
  return /<(\w+)\.Arn>/.exec(flattenIntrinsics(reference))?.[1]
}

/** The queue whose depth an alarm looks at. */
function namespaceOf(name: string): string | undefined {
  return /<(\w+)\.QueueName>/.exec(flattenIntrinsics(alarmOf(name)?.properties.Dimensions[0].Value))?.[1]
}

function alarmOf(name: string): Resource | undefined {
  return ofType('AWS::CloudWatch::Alarm').find(({ properties }) => nameInStage(properties) === name)
}
