import { Annotations, CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { addAlarms, alarmTopic } from '#infra/constructs/alarms.ts'
import { Api } from '#infra/constructs/api.ts'
import { readersDashboard, systemDashboard } from '#infra/constructs/dashboards.ts'
import { createFoundation, type Foundation } from '#infra/constructs/foundation.ts'
import { operationsFunction, readsFunction } from '#infra/constructs/http-functions.ts'
import { RefreshJob } from '#infra/constructs/job.ts'
import { submitFunction } from '#infra/constructs/submit.ts'
import { watchdogFunction } from '#infra/constructs/watchdog.ts'
import { activeJobs } from '#infra/definitions/cadence.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { routeTable } from '#shared/http/routes.ts'

/** The code of a function by its name: `reads`, `operations`, `watchdog`, `submit`, `job-<id>`. */
export type CodeOf = (name: string) => Code

interface FreshetStackProps extends StackProps {
  readonly config: StageConfig
  readonly declarations: Declarations
  readonly codeOf: CodeOf
  readonly version: string
}

/**
 * Everything of one stage, made from what is declared.
 *
 * @throws {SettingsError} for settings of the stage that nothing declares, or that are not legal
 */
export class FreshetStack extends Stack {
  readonly system: System

  constructor(scope: Construct, id: string, props: FreshetStackProps) {
    const { config, declarations, codeOf, version, ...rest } = props
    super(scope, id, { terminationProtection: config.deletionProtection, ...rest })
    this.system = resolveSystem(declarations, config.settings)
    const { jobs, changed } = this.system
    const foundation = createFoundation(this, config, version)
    const refreshes = activeJobs(jobs).map((job) => addRefreshJob(this, job, codeOf, foundation))
    const settings = Object.assign({}, ...changed.values()) as Record<string, string>
    const taskJobs = refreshes.flatMap(({ job, scope, stateMachine }) =>
      stateMachine ? [{ job, scope, stateMachine }] : [],
    )
    const submit =
      taskJobs.length > 0
        ? submitFunction(this, { taskJobs, code: codeOf('submit'), settings, foundation })
        : undefined
    const reads = readsFunction(this, { jobs, code: codeOf('reads'), settings, foundation })
    const watchdog = watchdogFunction(this, {
      jobs,
      code: codeOf('watchdog'),
      settings,
      foundation,
    })
    const operations = operationsFunction(this, {
      system: this.system,
      code: codeOf('operations'),
      settings,
      foundation,
    })
    const { stage: api } = new Api(this, 'Reading', {
      config,
      routes: routeTable(jobs),
      reads: reads.alias,
      operations: operations.alias,
      submit: submit?.alias,
    })
    const sources = {
      api,
      undeliveredQueue: foundation.undeliveredQueue,
      failedRunsQueue: foundation.failedRunsQueue,
      watchdog: watchdog.function,
    }
    addAlarms(this, alarmsOf(config.stage, jobs), sources, alarmTopic(this, config.alarmEmail))
    readersDashboard(this, { stage: config.stage, jobs: refreshes, sources })
    systemDashboard(this, { stage: config.stage, jobs: refreshes, sources })
    addOutputs(this, foundation, api.url)
    addOffJobsOutput(this, jobs)
  }
}

function addRefreshJob(stack: FreshetStack, job: Job, codeOf: CodeOf, foundation: Foundation) {
  const upstreams = job.upstreams.map((name) => {
    const upstream = stack.system.upstreams.get(name)
    if (upstream) return upstream
    throw new TypeError(`the job ${job.id} names the unknown upstream ${name}`)
  })
  const made = new RefreshJob(stack, `Job-${job.id}`, {
    job,
    upstreams,
    code: codeOf(`job-${job.id}`),
    settings: stack.system.changed.get(job.id) ?? {},
    foundation,
  })
  return { job, scope: made, function: made.refreshFunction.function, stateMachine: made.stateMachine }
}

function addOutputs(stack: Stack, { table, bus }: Foundation, url: string): void {
  new CfnOutput(stack, 'Url', { value: url, description: 'Where the API answers' })
  new CfnOutput(stack, 'TableName', { value: table.tableName })
  new CfnOutput(stack, 'BusName', { value: bus.eventBusName })
}

/** A job that is off leaves no trace in the stack but this one, so nobody takes its silence for health. */
function addOffJobsOutput(stack: Stack, jobs: readonly Job[]): void {
  const off = jobs.flatMap((job) => (job.off === undefined ? [] : [`${job.id} (${job.off})`]))
  if (off.length === 0) return
  const value = `${off.join('; ')}: no schedule, no alarm; what is stored is still served`
  new CfnOutput(stack, 'JobsOff', { value })
  Annotations.of(stack).addInfo(`Off: ${value}`)
}
