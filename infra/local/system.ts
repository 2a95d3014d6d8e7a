import { bundleOrReuse } from '#infra/bundle/reuse.ts'
import { functionPermissions } from '#infra/definitions/permissions.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { occurrences } from '#shared/declare/occurrences.ts'
import type { Schedule } from '#shared/declare/schedule.ts'
import type { Declarations, System } from '#shared/declare/system.ts'
import { type RouteRow, routeTable } from '#shared/http/routes.ts'
import { localBus } from './aws/event-bus.ts'
import { LocalFailureQueues } from './aws/failure-queues.ts'
import { openAwsServices } from './aws/local-aws.ts'
import { LocalMetrics } from './aws/metrics.ts'
import { LocalRoles } from './aws/roles.ts'
import { startSchedules } from './aws/schedules.ts'
import { LocalStateMachines } from './aws/state-machines.ts'
import { banner } from './console/banner.ts'
import { LocalConsole } from './console/console.ts'
import { type DataDirectory, openDataDirectory } from './data/data-directory.ts'
import { type Executions, openExecutions } from './data/executions.ts'
import { openLogFile } from './data/log-file.ts'
import { localSecrets, missingSecretNotes } from './data/secrets.ts'
import { REGION } from './functions/environment.ts'
import { Invoker, localFunctions } from './functions/functions.ts'
import { openGateway } from './gateway/gateway.ts'
import { operatorToken, tokenAuthorizer } from './gateway/operator-token.ts'
import { type Shutdown, StartError } from './host/lifecycle.ts'
import type { Options } from './options/options.ts'
import { resolveSettings, selectedJobs } from './options/resolve.ts'
import { callText, faultSequence } from './simulated/faults/chaos.ts'
import { simulatedProviders } from './simulated/index.ts'
import { simulatedProfile } from './simulated/profile.ts'
import { openSimulatedProviders, providersToSimulate, simulatedBaseUrls } from './simulated/server.ts'

/** Selects one of many possible sets of simulated data. */
const SEED = 1

interface LocalSystemOptions {
  readonly options: Options
  readonly declarations: Declarations
  readonly version: string
  /** Prints one line on the terminal. */
  readonly print: (line: string) => void
}

/** What the steps of the start share. */
interface LocalParts {
  readonly console: LocalConsole
  readonly data: DataDirectory
  /** Names of the simulated providers. */
  readonly simulated: readonly string[]
  readonly system: System
  readonly invoker: Invoker
  readonly queues: LocalFailureQueues
  /** API keys by parameter name. */
  readonly secrets: ReadonlyMap<string, string>
  /** The token of the operator. */
  readonly token: string
  readonly routes: readonly RouteRow[]
}

/**
 * The whole system on this machine: table, secrets, bus, functions, state machines, simulated providers, HTTP API,
 * schedules. Each opened resource registers its close in `shutdown`, so that a failed start can be undone too.
 */
export class LocalSystem {
  readonly #start: LocalSystemOptions
  readonly #shutdown: Shutdown

  private constructor(start: LocalSystemOptions, shutdown: Shutdown) {
    this.#start = start
    this.#shutdown = shutdown
  }

  /**
   * Starts the system. Its HTTP API answers once this resolves.
   *
   * @throws {StartError} when it cannot start, with what to do
   */
  static async open(start: LocalSystemOptions, shutdown: Shutdown): Promise<void> {
    const system = new LocalSystem(start, shutdown)
    const parts = await system.#openParts()
    const machines = await system.#openFunctions(parts)
    await system.#openGateway(parts)
    machines.resume()
    system.#startSchedules(parts)
  }

  async #openParts(): Promise<LocalParts> {
    const { options, declarations } = this.#start
    const { jobs } = resolveSettings(declarations, options.settings)
    selectedJobs(jobs, options.only)
    const simulated = this.#simulatedNames()
    const data = await openDataDirectory(options.data, options.live ? 'live' : 'simulated')
    this.#shutdown.add(data.close)
    const console = await this.#openConsole(data)
    const url = await this.#openProviders(console)
    const settings = {
      ...options.settings,
      ...simulatedProfile(simulated, options.settings),
      ...simulatedBaseUrls(simulated, url),
    }
    const system = resolveSettings(declarations, settings)
    const queues = new LocalFailureQueues(systemClock.now)
    return {
      console,
      data,
      simulated,
      system,
      queues,
      invoker: new Invoker((name, event, error) => {
        console.deadLetter(name, event, error)
        queues.addFailedRun(name, event, error)
      }),
      token: await operatorToken(data.operatorToken),
      secrets: await localSecrets(data.secrets, [...system.upstreams.values()], simulated),
      routes: routeTable(system.jobs),
    }
  }

  #simulatedNames(): readonly string[] {
    const { options, declarations } = this.#start
    if (options.live) return []
    const names = providersToSimulate(declarations.upstreams, options.settings, simulatedProviders)
    if (!options.chaos || names.length > 0) return names
    throw new StartError([
      '--chaos applies to simulated providers only: expected one, got a base URL for every provider',
    ])
  }

  async #openConsole(data: DataDirectory): Promise<LocalConsole> {
    const { print } = this.#start
    const log = await openLogFile(data.log, ({ message }) =>
      print(`${data.log} is no longer written: ${message}`),
    )
    this.#shutdown.add(log.close)
    return new LocalConsole({ print, writeLog: log.append, now: systemClock.now })
  }

  /** Starts the simulated providers; their origin. */
  async #openProviders(console: LocalConsole): Promise<string> {
    const { chaos } = this.#start.options
    const providers = await openSimulatedProviders({
      providers: simulatedProviders,
      seed: SEED,
      clock: systemClock,
      nextFault: chaos
        ? faultSequence(chaos, SEED, (call) => console.note(callText(call), call))
        : () => undefined,
    })
    this.#shutdown.add(providers.close)
    return providers.url
  }

  async #openFunctions(parts: LocalParts): Promise<LocalStateMachines> {
    const { options, version } = this.#start
    const { console, data, system, simulated, invoker } = parts
    const bundling = bundleOrReuse()
    // awaited below; until then, an error of the services comes first
    bundling.catch(() => {})
    const executions = await openExecutions(data.executions, (error) =>
      console.fault('state machines', error),
    )
    const machines = new LocalStateMachines({
      jobs: system.jobs.filter(({ run }) => run.mode === 'task'),
      executions,
      clock: systemClock,
      invoke: (name, event) => invoker.invoke(name, event),
      onEnd: ({ name, job }, result) => console.debug(`execution ${name} ${result}`, { job, run_id: name }),
      onFault: (error) => console.fault('state machines', error),
    })
    const metrics = new LocalMetrics()
    const aws = await this.#openServices(parts, machines, executions, metrics)
    const { contact, corsOrigins, only } = options
    const bundles = await bundling
    invoker.use(
      localFunctions(
        bundles,
        system,
        { aws, version, corsOrigins, contact, simulated, only },
        (name, line) => {
          metrics.add(line)
          console.functionLine(name, line)
        },
      ),
    )
    this.#shutdown.add(() => invoker.close())
    this.#shutdown.add(() => machines.close())
    await invoker.ready('reads')
    return machines
  }

  #openServices(
    { console, data, system, secrets, invoker, queues }: LocalParts,
    machines: LocalStateMachines,
    { interrupted }: Executions,
    metrics: LocalMetrics,
  ): Promise<Record<string, string>> {
    const onEvent = localBus({
      jobs: selectedJobs(system.jobs, this.#start.options.only),
      region: REGION,
      deliver: (name, event) => invoker.deliver(name, event),
      onUnmatched: (event) => console.debug('event without a rule', { event }),
    })
    const { endpoint } = this.#start.options
    const services = {
      endpoint: endpoint ?? {},
      // with credentials of their own, the callers are not known
      roles: endpoint === undefined ? this.#roles(console, system) : undefined,
      tablePath: data.table,
      secrets,
      metrics,
      queues,
      onEvent,
      onStart: ({ machineArn, name, input }: { machineArn: string; name: string; input: string }) =>
        machines.start(machineArn, name, input),
      leaseOwners: new Set(interrupted.map(({ name }) => name)),
      onFault: (component: string, error: unknown) => console.fault(component, error),
    }
    return openAwsServices(services, this.#shutdown)
  }

  #roles(console: LocalConsole, system: System): LocalRoles {
    return new LocalRoles(functionPermissions(system), {
      onDenied: (message) => console.fault('access denied', message),
      onUsed: (used) => console.debug('permission used', used),
    })
  }

  async #openGateway(parts: LocalParts): Promise<void> {
    const { console, routes, token, invoker } = parts
    const gateway = await openGateway({
      port: this.#start.options.port,
      routes,
      invoke: (name, event) => invoker.invoke(name, event),
      authorize: tokenAuthorizer(token),
      onAccessDenied: (request) => console.accessDenied(request),
      onFault: (error) => console.fault('HTTP API', error),
    })
    this.#shutdown.add(gateway.close)
    this.#printBanner(gateway.url, parts)
  }

  #printBanner(url: string, { data, system, simulated, secrets, token, routes }: LocalParts): void {
    const { options, version, print } = this.#start
    const upstreams = [...system.upstreams.values()]
    const lines = banner({
      version,
      url,
      data: data.path,
      token,
      routes,
      jobs: system.jobs,
      only: options.only,
      upstreams,
      simulated,
      chaos: options.chaos,
      notes: options.endpoint === undefined ? missingSecretNotes(upstreams, secrets, data.secrets) : [],
      next: (schedule) => nextTick(schedule, systemClock.now()),
    })
    for (const line of lines) print(line)
  }

  #startSchedules({ system, invoker }: LocalParts): void {
    const deliver = (name: string, event: object) => invoker.deliver(name, event)
    this.#shutdown.add(
      startSchedules({
        jobs: selectedJobs(system.jobs, this.#start.options.only),
        clock: systemClock,
        next: nextTick,
        deliver,
      }),
    )
  }
}

function nextTick(schedule: Schedule, after: number): number | undefined {
  return occurrences(schedule, { after, limit: 1 })[0]
}
