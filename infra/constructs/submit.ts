import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import { inputDelivery, requestDelivery, submitting } from '#infra/edges.ts'
import { SUBMIT_TIMEOUT_MS } from '#infra/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import { inputsRefreshed, requested } from './bus.ts'
import type { Foundation } from './foundation.ts'
import { LiveFunction } from './live-function.ts'
import { submitRecords } from './permissions.ts'
import { ticks } from './ticks.ts'

const MEMORY_MB = 512

/** A job whose runs are tasks, where its schedule stands, and its machine. */
interface Submitted {
  readonly job: Job
  readonly scope: Construct
  readonly machine: StateMachine
}

interface SubmitProps {
  /** At least one. */
  readonly tasks: readonly Submitted[]
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** The one door for tasks of a stage: what their schedules and the bus ask for is recorded and started by it. */
export function submitFunction(
  scope: Construct,
  { tasks, code, settings, foundation }: SubmitProps,
): LiveFunction {
  const { table, bus, environment, config, deliveries, failedRuns } = foundation
  const machines = Object.fromEntries(tasks.map(({ job, machine }) => [job.id, machine.stateMachineArn]))
  const live = new LiveFunction(scope, 'Submit', {
    about: 'Records tasks and starts their machines',
    code,
    memoryMb: MEMORY_MB,
    timeoutMs: SUBMIT_TIMEOUT_MS,
    environment: {
      ...environment,
      NODE_OPTIONS: '--enable-source-maps',
      FRESHET_MACHINES: JSON.stringify(machines),
      ...settings,
    },
    permissions: [
      ...submitRecords(
        table,
        tasks.map(({ job }) => job),
      ),
      new PolicyStatement({
        actions: ['states:StartExecution'],
        resources: tasks.map(({ machine }) => machine.stateMachineArn),
      }),
    ],
    config,
  })
  live.handleAsynchronously(submitting, failedRuns)
  for (const { job, scope: own } of tasks) ticks(own, live.alias, job, deliveries)
  const jobs = tasks.map(({ job }) => job)
  const ids = jobs.map(({ id }) => id)
  requested(live, live.alias, { bus, jobs: ids, of: 'jobs', edge: requestDelivery, deliveries })
  inputsRefreshed(live, live.alias, { bus, jobs, edge: inputDelivery, deliveries })
  return live
}
