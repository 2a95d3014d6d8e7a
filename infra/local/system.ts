import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import type { Schedule } from '#shared/declare/schedule.ts'
import { SettingsError, type SettingTexts } from '#shared/declare/settings.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { routeTable } from '#shared/http/routes.ts'
import { localBus } from './aws/event-bus.ts'
import { startSchedules } from './aws/schedules.ts'
import { openAwsServices } from './aws/services.ts'
import { localStateMachines } from './aws/state-machines.ts'
import { banner } from './console/banner.ts'
import { localConsole } from './console/console.ts'
import { openDataDirectory } from './data/data-directory.ts'
import { openExecutions } from './data/executions.ts'
import { openLogFile } from './data/log-file.ts'
import { localSecrets, missingSecretNotes } from './data/secrets.ts'
import { REGION } from './functions/environment.ts'
import { localFunctions } from './functions/functions.ts'
import { openGateway } from './gateway/gateway.ts'
import { operatorToken, tokenAuthorizer } from './gateway/operator-token.ts'
import { type Shutdown, StartError } from './host/lifecycle.ts'
import type { Options } from './options/options.ts'
import { callText, faultSequence } from './simulated/faults/chaos.ts'
import { simulatedProviders } from './simulated/index.ts'
import { openSimulatedProviders, providersToSimulate, simulatedBaseUrls } from './simulated/server.ts'

/** Which of many invented worlds the stand-ins show. */
const SEED = 1

interface LocalSystemOptions {
  readonly options: Options
  readonly declarations: Declarations
  readonly version: string
  /** Shows one line. */
  readonly print: (line: string) => void
}

/**
 * The whole system on this machine: table, secrets, bus, functions, state machines, stand-ins, HTTP API, schedules. Its HTTP API
 * answers once this resolves. What it opened is added to `ends` as it goes, so that a failed start can be cleared too.
 *
 * @throws {StartError} when it cannot start, with what to do
 */
export async function openLocalSystem(
  { options, declarations, version, print }: LocalSystemOptions,
  ends: Shutdown,
) {
  resolveSettings(declarations, options.settings)
  const stoodIn = options.live
    ? []
    : providersToSimulate(declarations.upstreams, options.settings, simulatedProviders)
  if (options.chaos && stoodIn.length === 0) {
    throw new StartError([
      '--chaos is inflicted on stand-ins only: expected one, got a base URL for every provider',
    ])
  }
  const data = await openDataDirectory(options.data, options.live ? 'live' : 'simulated')
  ends.add(data.close)
  const log = await openLogFile(data.log, ({ message }) =>
    print(`${data.log} is not written any more: ${message}`),
  )
  ends.add(log.close)
  const console = localConsole({ print, writeLog: log.append, now: systemClock.now })

  const standIn = await openSimulatedProviders({
    providers: simulatedProviders,
    seed: SEED,
    clock: systemClock,
    nextFault: options.chaos
      ? faultSequence(options.chaos, SEED, (call) => console.note(callText(call), call))
      : () => undefined,
  })
  ends.add(standIn.close)
  const system = resolveSettings(declarations, {
    ...options.settings,
    ...simulatedBaseUrls(stoodIn, standIn.url),
  })
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
  const machines = localStateMachines({
    jobs: system.jobs.filter(({ run }) => run.mode === 'task'),
    executions,
    clock: systemClock,
    invoke: (name, event) => functions.invoke(name, event),
    onEnd: ({ name, job }, how) => console.debug(`execution ${name} ${how}`, { job, run_id: name }),
    onFault: (error) => console.fault('state machines', error),
  })
  const aws = await openAwsServices(
    {
      endpoint: options.endpoint ?? {},
      tablePath: data.table,
      secrets,
      onEvent: bus,
      onStart: ({ machineArn, name, input }) => machines.start(machineArn, name, input),
      leaseOwners: new Set(executions.interrupted.map(({ name }) => name)),
      onFault: console.fault,
    },
    ends,
  )
  const { contact, corsOrigins } = options
  const functions = localFunctions(
    await bundleFunctions(),
    system,
    { aws, version, corsOrigins, ...(contact === undefined ? {} : { contact }) },
    console.functionLine,
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
    onAccessDenied: console.accessDenied,
    onFault: (error) => console.fault('HTTP API', error),
  })
  ends.add(gateway.close)
  const next = (schedule: Schedule, after: number) => occurrences(schedule, { after, limit: 1 })[0]
  const notes = options.endpoint === undefined ? missingSecretNotes(upstreams, secrets, data.secrets) : []
  const lines = banner({
    version,
    url: gateway.url,
    data: data.path,
    token,
    routes,
    jobs: system.jobs,
    upstreams,
    simulated: stoodIn,
    chaos: options.chaos,
    notes,
    next: (schedule) => next(schedule, systemClock.now()),
  })
  for (const line of lines) print(line)
  machines.resume()
  ends.add(startSchedules({ jobs: system.jobs, clock: systemClock, next, deliver }))
}

/** Settings that cannot be resolved are the operator's to mend, not a defect. */
function resolveSettings(declarations: Declarations, settings: SettingTexts): System {
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
