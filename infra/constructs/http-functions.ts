import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { OPERATIONS_TIMEOUT_MS, READS_TIMEOUT_MS } from '#infra/definitions/timeouts.ts'
import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import { acknowledge } from './acknowledgements.ts'
import { AliasedFunction } from './aliased-function.ts'
import { corsEnvironment, type Foundation } from './foundation.ts'
import { operationsPermissions, publishPermission, readPermissions } from './permissions.ts'

/**
 * The share of a processor grows with the memory, and what a first read spends is processor time: the TLS handshake
 * and the SDK's first call. Twice the memory halves that; a warm read is too short for the price to show (five cents
 * a million reads).
 */
const READS_MEMORY_MB = 1_024

interface ReadsProps {
  readonly jobs: readonly Job[]
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** The public reads of all jobs, those that are off included. No source maps: they cost a cold start. */
export function readsFunction(
  scope: Construct,
  { jobs, code, settings, foundation }: ReadsProps,
): AliasedFunction {
  const { table, bus, environment, config } = foundation
  const live = new AliasedFunction(scope, 'Reads', {
    about: 'Public reads',
    code,
    memoryMb: READS_MEMORY_MB,
    timeoutMs: READS_TIMEOUT_MS,
    environment: {
      ...environment,
      ...(config.reads.auth === 'public' ? {} : { FRESHET_READS_AUTH: config.reads.auth }),
      ...corsEnvironment(config),
      ...settings,
    },
    permissions: [...readPermissions(table, jobs), publishPermission(bus)],
    config,
    reservedConcurrency: config.reservedConcurrency,
  })
  acknowledge(live.function, 'Serverless-LambdaDLQ', 'only invoked synchronously, by the gateway')
  return live
}

const OPERATIONS_MEMORY_MB = 512

interface OperationsProps {
  readonly system: Pick<System, 'jobs' | 'upstreams'>
  readonly code: Code
  readonly settings: Readonly<Record<string, string>>
  readonly foundation: Foundation
}

/** What operators ask and change. Only routes with an authorizer lead to it. */
export function operationsFunction(
  scope: Construct,
  { system, code, settings, foundation }: OperationsProps,
): AliasedFunction {
  const { table, bus, environment, config } = foundation
  const live = new AliasedFunction(scope, 'Operations', {
    about: 'What operators ask and change',
    code,
    memoryMb: OPERATIONS_MEMORY_MB,
    timeoutMs: OPERATIONS_TIMEOUT_MS,
    environment: { ...environment, NODE_OPTIONS: '--enable-source-maps', ...settings },
    permissions: [...operationsPermissions(table, system), publishPermission(bus)],
    config,
  })
  acknowledge(live.function, 'Serverless-LambdaDLQ', 'only invoked synchronously, by the gateway')
  return live
}
