import type { Construct } from 'constructs'
import { QUEUE_VARIABLES } from '#functions/runtime/environment.ts'
import { operationsPermissions, readPermissions, readsMetrics } from '#infra/definitions/permissions.ts'
import { OPERATIONS_TIMEOUT_MS, READS_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { acknowledge } from './acknowledgements.ts'
import { AliasedFunction, type FunctionProps } from './aliased-function.ts'
import { corsEnvironment } from './foundation.ts'
import { policyStatements } from './permissions.ts'

/**
 * The share of a processor grows with the memory, and the first read spends processor time on the TLS handshake and the
 * SDK's first call. Twice the memory halves that; warm reads are so short that it costs five cents per million reads.
 */
const READS_MEMORY_MB = 1_024

interface ReadsProps extends FunctionProps {
  readonly jobs: readonly Job[]
}

/** The public reads of all jobs, including those that are off. Without source maps, which slow down a cold start. */
export function readsFunction(scope: Construct, { jobs, ...props }: ReadsProps): AliasedFunction {
  const { config } = props.foundation
  const { auth } = config.reads
  const reads = new AliasedFunction(scope, 'Reads', {
    ...props,
    about: 'Public reads',
    memoryMb: READS_MEMORY_MB,
    timeoutMs: READS_TIMEOUT_MS,
    variables: { ...(auth === 'public' ? {} : { FRESHET_READS_AUTH: auth }), ...corsEnvironment(config) },
    hasSourceMaps: false,
    permissions: policyStatements(scope, readPermissions(jobs), props.foundation),
    reservedConcurrency: config.reservedConcurrency,
  })
  reads.acknowledgeSynchronous('the gateway')
  return reads
}

interface OperationsProps extends FunctionProps {
  readonly system: Pick<System, 'jobs' | 'upstreams'>
}

/** The API of operators. Only routes with an authorizer lead to it. */
export function operationsFunction(scope: Construct, { system, ...props }: OperationsProps): AliasedFunction {
  const { undeliveredQueue, failedRunsQueue } = props.foundation
  const operations = new AliasedFunction(scope, 'Operations', {
    ...props,
    about: 'The API of operators',
    timeoutMs: OPERATIONS_TIMEOUT_MS,
    variables: {
      [QUEUE_VARIABLES.undelivered]: undeliveredQueue.queueUrl,
      [QUEUE_VARIABLES['failed-runs']]: failedRunsQueue.queueUrl,
    },
    permissions: policyStatements(scope, operationsPermissions(system), props.foundation),
  })
  if (readsMetrics(system.jobs)) {
    const reason = 'CloudWatch has no resources that the permission to read metrics could be limited to'
    acknowledge(operations.role, 'AwsSolutions-IAM5[Resource::*]', reason)
  }
  operations.acknowledgeSynchronous('the gateway')
  return operations
}
