import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { AWS_TIMEOUTS } from '#shared/adapters/aws-timeouts.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { FunctionEnvironment } from './environment.ts'

/** The event bus of the deployment. */
export function functionBus({ bus }: FunctionEnvironment, maxAttempts = 3): Bus {
  return eventBridgeBus(new EventBridgeClient({ maxAttempts, ...AWS_TIMEOUTS }), bus)
}

/** The callback of stores for a record that cannot be decoded. The logger is an argument: reads have no Powertools. */
export function logUndecodable(log: Pick<Log, 'error'>): (record: string) => void {
  return (record) => log.error('A stored record cannot be decoded and counts as missing', { record })
}
