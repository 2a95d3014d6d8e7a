import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { awsTimeouts } from '#shared/adapters/aws-timeouts.ts'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { FunctionEnvironment } from './environment.ts'
import { metricLine } from './metric-line.ts'
import { UNDECODABLE_METRIC } from './metric-names.ts'

/** The event bus of the deployment. */
export function functionBus({ bus, awsTimeoutMs }: FunctionEnvironment, maxAttempts = 3): Bus {
  let connected: Bus | undefined
  // most reads publish nothing, and the client takes a fiftieth of a cold start
  const connect = () =>
    eventBridgeBus(new EventBridgeClient({ maxAttempts, ...awsTimeouts(awsTimeoutMs) }), bus)
  return {
    publish: (event) => {
      connected ??= connect()
      return connected.publish(event)
    },
  }
}

/**
 * The callback of stores for a record that cannot be decoded or believed: an ERROR line and a metric. The logger is an
 * argument: reads have no Powertools.
 */
export function reportUndecodable(
  log: Pick<Log, 'error'>,
  { stage }: Pick<FunctionEnvironment, 'stage'>,
  clock: Pick<Clock, 'now'>,
): (record: string) => void {
  return (record) => {
    log.error('A stored record cannot be decoded and counts as missing', { record })
    process.stdout.write(`${metricLine(stage, clock.now(), { [UNDECODABLE_METRIC]: 1 })}\n`)
  }
}
