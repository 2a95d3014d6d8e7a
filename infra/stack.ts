import { Annotations, CfnOutput, Stack, type StackProps, Tags } from 'aws-cdk-lib'
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch'
import type { Code, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { alarmsOf } from '#infra/alarms/alarms.ts'
import { addAlarms, alarmTopic } from '#infra/constructs/alarms.ts'
import { Api } from '#infra/constructs/api.ts'
import { readersDashboard, systemDashboard } from '#infra/constructs/dashboards.ts'
import { addDomain } from '#infra/constructs/domain.ts'
import { createFoundation, type Foundation } from '#infra/constructs/foundation.ts'
import { operationsFunction, readsFunction } from '#infra/constructs/http-functions.ts'
import { RefreshJob } from '#infra/constructs/job.ts'
import { operatorsPolicy } from '#infra/constructs/operators-policy.ts'
import { submitFunction } from '#infra/constructs/submit.ts'
import { watchdogFunction } from '#infra/constructs/watchdog.ts'
import { activeJobs } from '#infra/definitions/cadence.ts'
import { functionSettings } from '#infra/definitions/function-settings.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import type { Job } from '#shared/declare/job.ts'
import { type Declarations, resolveSystem, type System } from '#shared/declare/system.ts'
import { routeTable } from '#shared/http/routes.ts'

/** The code of a function by its name: `reads`, `operations`, `watchdog`, `submit`, `job-<id>`. */
export type CodeOf = (name: string) => Code

/** A job that is not off, with its resources. */
interface Refresh {
  readonly job: Job
  readonly scope: RefreshJob
  readonly function: LambdaFunction
  readonly stateMachine: StateMachine | undefined
}

interface FreshetStackProps extends StackProps {
  readonly config: StageConfig
  readonly declarations: Declarations
  readonly codeOf: CodeOf
  readonly version: string
}

/**
 * All resources of one stage, made from the declarations.
 *
 * @throws {SettingsError} for settings of the stage that are not declared or are illegal
 */
export class FreshetStack extends Stack {
  readonly system: System
  readonly #codeOf: CodeOf

  constructor(scope: Construct, id: string, props: FreshetStackProps) {
    const { config, declarations, codeOf, version, ...rest } = props
    super(scope, id, { terminationProtection: config.deletionProtection, ...rest })
    this.system = resolveSystem(declarations, config.settings)
    this.#codeOf = codeOf
    addTags(this, { product: 'freshet', stage: config.stage, version })
    const { jobs } = this.system
    const foundation = createFoundation(this, config, version)
    const refreshes = activeJobs(jobs).map((job) => this.#addRefreshJob(job, foundation))
    const { submit, reads, operations, watchdog } = this.#addFunctions(refreshes, foundation)
    const routes = routeTable(jobs)
    const { stage: api } = new Api(this, 'Reading', {
      config,
      routes,
      reads: reads.alias,
      operations: operations.alias,
      submit: submit?.alias,
    })
    const { undeliveredQueue, failedRunsQueue } = foundation
    const sources = { api, undeliveredQueue, failedRunsQueue, watchdog: watchdog.function }
    const topic = alarmTopic(this, config)
    addAlarms(this, { specs: alarmsOf(config.stage, jobs), sources, topic, config })
    const dashboard = { stage: config.stage, jobs: refreshes, sources }
    const dashboards = [readersDashboard(this, dashboard), systemDashboard(this, dashboard)]
    const url = config.domain ? `https://${config.domain.name}/` : api.url
    addOutputs(this, foundation, { url, topic, dashboards })
    if (config.domain) addDomain(this, config.domain, api)
    if (config.operators.auth === 'iam') {
      const { managedPolicyArn: value } = operatorsPolicy(this, { api, stage: config.stage, routes })
      new CfnOutput(this, 'OperatorsPolicyArn', { value, description: 'The policy to attach to operators' })
    }
    addOffJobsOutput(this, jobs)
  }

  #addRefreshJob(job: Job, foundation: Foundation): Refresh {
    const upstreams = job.upstreams.map((name) => {
      const upstream = this.system.upstreams.get(name)
      if (upstream) return upstream
      throw new TypeError(`job "${job.id}".upstream: expected a declared one, got ${name}`)
    })
    const refreshJob = new RefreshJob(this, `Job-${job.id}`, {
      job,
      upstreams,
      jobs: this.system.jobs,
      code: this.#codeOf(`job-${job.id}`),
      settings: functionSettings(`job-${job.id}`, this.system),
      foundation,
    })
    const { refreshFunction, stateMachine } = refreshJob
    return { job, scope: refreshJob, function: refreshFunction.function, stateMachine }
  }

  /** The functions that serve all jobs; `submit` only where there are tasks. */
  #addFunctions(refreshes: readonly Refresh[], foundation: Foundation) {
    const { jobs } = this.system
    const propsOf = (name: string) => ({
      code: this.#codeOf(name),
      settings: functionSettings(name, this.system),
      foundation,
    })
    const taskJobs = refreshes.flatMap(({ job, scope, stateMachine }) =>
      stateMachine ? [{ job, scope, stateMachine }] : [],
    )
    return {
      submit: taskJobs.length > 0 ? submitFunction(this, { taskJobs, ...propsOf('submit') }) : undefined,
      reads: readsFunction(this, { jobs, ...propsOf('reads') }),
      watchdog: watchdogFunction(this, { jobs, ...propsOf('watchdog') }),
      operations: operationsFunction(this, { system: this.system, ...propsOf('operations') }),
    }
  }
}

/**
 * Tags all resources that take tags, for cost allocation and inventories. A changed tag updates a resource in place, and
 * publishes no version of a function: the hash of a version does not contain tags.
 */
function addTags(stack: Stack, tags: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(tags)) Tags.of(stack).add(name, value)
}

interface OutputSources {
  readonly url: string
  readonly topic: ITopic
  readonly dashboards: readonly Dashboard[]
}

/** What operators need after a deployment. */
function addOutputs(stack: Stack, foundation: Foundation, { url, topic, dashboards }: OutputSources): void {
  const { table, bus, undeliveredQueue, failedRunsQueue } = foundation
  const output = (name: string, value: string, description: string) =>
    new CfnOutput(stack, name, { value, description })
  output('Url', url, 'URL of the API')
  output('TableName', table.tableName, 'The table')
  output('BusName', bus.eventBusName, 'The bus')
  output('AlarmTopicArn', topic.topicArn, 'The topic that gets the alarms')
  output(
    'Dashboards',
    dashboards.map(({ dashboardName }) => dashboardName).join(', '),
    'Names of the dashboards',
  )
  output('UndeliveredQueueUrl', undeliveredQueue.queueUrl, 'Events that could not be delivered')
  output('FailedRunsQueueUrl', failedRunsQueue.queueUrl, 'Events of invocations without an outcome')
}

/** Lists the jobs that are off, because the stack contains no other resource of them: silence must not look healthy. */
function addOffJobsOutput(stack: Stack, jobs: readonly Job[]): void {
  const off = jobs.flatMap((job) => (job.off === undefined ? [] : [`${job.id} (${job.off})`]))
  if (off.length === 0) return
  const value = `${off.join('; ')}: no schedule, no alarm; stored data are still served`
  new CfnOutput(stack, 'JobsOff', { value })
  Annotations.of(stack).addInfo(`Off: ${value}`)
}
