import { bundleFunctions } from '#infra/bundle.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import type { Schedule } from '#shared/declare/schedule.ts'
import { SettingsError, type SettingTexts } from '#shared/declare/settings.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { systemClock } from '#shared/domain/ports/clock.ts'
import { routeTable } from '#shared/http/routes.ts'
import { tokenAuthorizer } from './authorizer.ts'
import { openAws } from './aws.ts'
import { banner } from './banner.ts'
import { localBus } from './bus.ts'
import { localConsole } from './console.ts'
import { openDataDirectory } from './data-directory.ts'
import type { Endings } from './endings.ts'
import { REGION } from './environment.ts'
import { openExecutions } from './executions.ts'
import { localFunctions } from './functions.ts'
import { openGateway } from './gateway.ts'
import { openLogFile } from './log-file.ts'
import { localMachines } from './machines.ts'
import { operatorToken } from './operator-token.ts'
import type { Options } from './options.ts'
import { recorded } from './recorded/index.ts'
import { callText, numberedFaults } from './recorded/numbered-faults.ts'
import { openRecorded } from './recorded/server.ts'
import { startSchedules } from './schedules.ts'
import { localSecrets, secretNotes } from './secrets.ts'
import { standInSettings, standIns } from './stand-ins.ts'
import { StartError } from './start-error.ts'

/** Which of many invented worlds the stand-ins show. */
const SEED = 1

interface SystemChoices {
  readonly options: Options
  readonly declarations: Declarations
  readonly version: string
  /** Shows one line. */
  readonly show: (line: string) => void
}

/**
 * The whole system on this machine: table, secrets, bus, functions, state machines, stand-ins, HTTP API, schedules. Its HTTP API
 * answers once this resolves. What it opened is added to `ends` as it goes, so that a failed start can be cleared too.
 *
 * @throws {StartError} when it cannot start, with what to do
 */
export async function openLocalSystem(
  { options, declarations, version, show }: SystemChoices,
  ends: Endings,
) {
  resolved(declarations, options.settings)
  const stoodIn = options.live ? [] : standIns(declarations.upstreams, options.settings, recorded)
  if (options.chaos && stoodIn.length === 0) {
    throw new StartError([
      '--chaos is inflicted on stand-ins only: expected one, got a base URL for every provider',
    ])
  }
  const data = await openDataDirectory(options.data, options.live ? 'live' : 'recorded')
  ends.add(data.close)
  const log = await openLogFile(data.log, ({ message }) =>
    show(`${data.log} is not written any more: ${message}`),
  )
  ends.add(log.close)
  const console = localConsole({ show, keep: log.append, now: systemClock.now })

  const standIn = await openRecorded({
    providers: recorded,
    seed: SEED,
    clock: systemClock,
    nextFault: options.chaos
      ? numberedFaults(options.chaos, SEED, (call) => console.note(callText(call), call))
      : () => undefined,
  })
  ends.add(standIn.close)
  const system = resolved(declarations, { ...options.settings, ...standInSettings(stoodIn, standIn.url) })
  const upstreams = [...system.upstreams.values()]
  const token = await operatorToken(data.operatorToken)
  const secrets = await localSecrets(data.secrets, upstreams, stoodIn)

  const bus = localBus({
    jobs: system.jobs,
    region: REGION,
    deliver: (name, event) => deliver(name, event),
    onUnmatched: (event) => console.debug('event without a rule', { event }),
  })
  const executions = await openExecutions(data.executions, (error) => console.fault('state machines', error))
  const machines = localMachines({
    jobs: system.jobs.filter(({ run }) => run.shape === 'task'),
    executions,
    clock: systemClock,
    invoke: (name, event) => functions.invoke(name, event),
    onEnd: ({ name, job }, how) => console.debug(`execution ${name} ${how}`, { job, run_id: name }),
    onFault: (error) => console.fault('state machines', error),
  })
  const aws = await openAws(
    {
      endpoint: options.endpoint ?? {},
      tablePath: data.table,
      secrets,
      onEvent: bus,
      onStart: ({ machineArn, name, input }) => machines.start(machineArn, name, input),
      owners: new Set(executions.left.map(({ name }) => name)),
      onFault: console.fault,
    },
    ends,
  )
  const { contact, corsOrigins } = options
  const functions = localFunctions(
    await bundleFunctions(),
    system,
    { aws, version, corsOrigins, ...(contact === undefined ? {} : { contact }) },
    console.fromFunction,
  )
  let ended = false
  ends.add(() => {
    ended = true
    return functions.close()
  })
  ends.add(machines.close)
  const deliver = (name: string, event: object) => {
    functions.invoke(name, event).catch((error) => {
      if (!ended) console.deadLetter(name, event, error)
    })
  }

  await functions.ready('reads')
  const routes = routeTable(system.jobs)
  const gateway = await openGateway({
    port: options.port,
    routes,
    invoke: functions.invoke,
    authorize: tokenAuthorizer(token),
    onRefusal: console.refused,
    onFault: (error) => console.fault('HTTP API', error),
  })
  ends.add(gateway.close)
  const next = (schedule: Schedule, after: number) => occurrences(schedule, { after, limit: 1 })[0]
  const notes = options.endpoint === undefined ? secretNotes(upstreams, secrets, data.secrets) : []
  const lines = banner({
    version,
    url: gateway.url,
    data: data.path,
    token,
    routes,
    jobs: system.jobs,
    upstreams,
    standIns: stoodIn,
    chaos: options.chaos,
    notes,
    next: (schedule) => next(schedule, systemClock.now()),
  })
  for (const line of lines) show(line)
  machines.resume()
  ends.add(startSchedules({ jobs: system.jobs, clock: systemClock, next, deliver }))
}

/** Settings that cannot be resolved are the operator's to mend, not a defect. */
function resolved(declarations: Declarations, settings: SettingTexts): System {
  try {
    return resolveSystem(declarations, settings)
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new StartError(
        error.faults.map(({ name, message }) => `${name}: ${message}`),
        { cause: error },
      )
    }
    if (error instanceof TypeError) throw new StartError([error.message], { cause: error })
    throw error
  }
}
