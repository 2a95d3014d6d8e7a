import type { Code } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'
import { OPERATIONS_TIMEOUT_MS } from '#infra/timeouts.ts'
import type { System } from '#shared/declare/system.ts'
import type { Foundation } from './foundation.ts'
import { AliasedFunction } from './live-function.ts'
import { operationsPermissions, publishPermission } from './permissions.ts'

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
