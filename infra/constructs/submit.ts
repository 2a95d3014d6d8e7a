import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import {
  inputDeliveryPolicy,
  requestDeliveryPolicy,
  submissionPolicy,
} from '#infra/definitions/delivery-policy.ts'
import { SUBMIT_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import { AliasedFunction } from './aliased-function.ts'
import { onInputRefreshed, onRefreshRequested } from './bus.ts'
import { corsEnvironment, type Foundation } from './foundation.ts'
import { submitPermissions } from './permissions.ts'
import { scheduleTicks } from './schedules.ts'

const MEMORY_MB = 512

/** A job whose runs are tasks, where its schedule stands, and its machine. */
interface TaskJob {
  readonly job: Job
  readonly scope: Construct
  readonly stateMachine: StateMachine
}

interface SubmitProps {
  /** At least one. */
  readonly taskJobs: readonly TaskJob[]
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** The one door for tasks of a stage: what their schedules and the bus ask for is recorded and started by it. */
export function submitFunction(
  scope: Construct,
  { taskJobs, code, settings, foundation }: SubmitProps,
): AliasedFunction {
  const { table, bus, environment, config, undeliveredQueue, failedRunsQueue } = foundation
  const machines = Object.fromEntries(
    taskJobs.map(({ job, stateMachine }) => [job.id, stateMachine.stateMachineArn]),
  )
  const live = new AliasedFunction(scope, 'Submit', {
    about: 'Records tasks and starts their machines',
    code,
    memoryMb: MEMORY_MB,
    timeoutMs: SUBMIT_TIMEOUT_MS,
    environment: {
      ...environment,
      NODE_OPTIONS: '--enable-source-maps',
      FRESHET_MACHINES: JSON.stringify(machines),
      ...corsEnvironment(config),
      ...settings,
    },
    permissions: [
      ...submitPermissions(
        table,
        taskJobs.map(({ job }) => job),
      ),
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: taskJobs.map(({ stateMachine }) => stateMachine.stateMachineArn),
      }),
    ],
    config,
  })
  live.configureAsyncInvoke(submissionPolicy, failedRunsQueue)
  for (const { job, scope: own } of taskJobs) scheduleTicks(own, live.alias, job, undeliveredQueue)
  const jobs = taskJobs.map(({ job }) => job)
  const ids = jobs.map(({ id }) => id)
  onRefreshRequested(live, live.alias, {
    bus,
    jobs: ids,
    scope: 'jobs',
    policy: requestDeliveryPolicy,
    undeliveredQueue,
  })
  onInputRefreshed(live, live.alias, { bus, jobs, policy: inputDeliveryPolicy, undeliveredQueue })
  return live
}
