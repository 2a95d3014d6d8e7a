import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions'
import type { Construct } from 'constructs'
import {
  inputDeliveryPolicy,
  requestDeliveryPolicy,
  submissionPolicy,
} from '#infra/definitions/delivery-policy.ts'
import { submitPermissions } from '#infra/definitions/permissions.ts'
import { SUBMIT_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import { AliasedFunction, type FunctionProps } from './aliased-function.ts'
import { onInputRefreshed, onRefreshRequested } from './bus.ts'
import { corsEnvironment } from './foundation.ts'
import { policyStatements } from './permissions.ts'
import { scheduleTicks } from './schedules.ts'

/** A job whose runs are tasks, the scope of its schedule, and its state machine. */
interface TaskJob {
  readonly job: Job
  readonly scope: Construct
  readonly stateMachine: StateMachine
}

interface SubmitProps extends FunctionProps {
  /** At least one. */
  readonly taskJobs: readonly TaskJob[]
}

/** Records and starts all tasks of a stage: those of schedules, of the bus and of HTTP requests. */
export function submitFunction(scope: Construct, { taskJobs, ...props }: SubmitProps): AliasedFunction {
  const { bus, config, undeliveredQueue, failedRunsQueue } = props.foundation
  const jobs = taskJobs.map(({ job }) => job)
  const machines = Object.fromEntries(
    taskJobs.map(({ job, stateMachine }) => [job.id, stateMachine.stateMachineArn]),
  )
  const submit = new AliasedFunction(scope, 'Submit', {
    ...props,
    about: 'Records tasks and starts their state machines',
    timeoutMs: SUBMIT_TIMEOUT_MS,
    variables: { FRESHET_MACHINES: JSON.stringify(machines), ...corsEnvironment(config) },
    permissions: policyStatements(scope, submitPermissions(jobs), props.foundation, machines),
  })
  submit.configureAsyncInvoke(submissionPolicy, failedRunsQueue)
  for (const { job, scope: jobScope } of taskJobs) {
    scheduleTicks(jobScope, submit.alias, job, undeliveredQueue)
  }
  onRefreshRequested(submit, submit.alias, {
    bus,
    jobs: jobs.map(({ id }) => id),
    scope: 'jobs',
    policy: requestDeliveryPolicy,
    undeliveredQueue,
  })
  // a run of one key is no task
  const policy = inputDeliveryPolicy
  onInputRefreshed(submit, submit.alias, { bus, jobs, scope: 'jobs', policy, undeliveredQueue })
  return submit
}
