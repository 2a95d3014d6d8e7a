import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { Bus } from '#shared/domain/ports/bus.ts'

/** Source of every event that this system publishes. */
export const EVENT_SOURCE = 'freshet'

/** The event bus on EventBridge. A successful call with a failed entry is an error too. */
export function eventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async publish({ type, detail }) {
      const entry = {
        EventBusName: busName,
        Source: EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      }
      const response = await client.send(new PutEventsCommand({ Entries: [entry] }))
      if (response.FailedEntryCount) {
        const code = response.Entries?.[0]?.ErrorCode ?? 'no code'
        throw new Error(`the bus refused a ${type} event: ${code}`)
      }
    },
  }
}
