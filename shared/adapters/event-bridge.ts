import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge'
import type { Bus } from '#shared/domain/ports/bus.ts'

/** Source of every event that this system publishes. */
export const EVENT_SOURCE = 'freshet'

/** The event bus on EventBridge. A call can succeed with a failed entry: that is thrown too. */
export function eventBridgeBus(client: EventBridgeClient, busName: string): Bus {
  return {
    async publish({ type, detail }) {
      const entry = {
        EventBusName: busName,
        Source: EVENT_SOURCE,
        DetailType: type,
        Detail: JSON.stringify(detail),
      }
      const answer = await client.send(new PutEventsCommand({ Entries: [entry] }))
      if (answer.FailedEntryCount) {
        const code = answer.Entries?.[0]?.ErrorCode ?? 'no code'
        throw new Error(`the bus refused a ${type} event: ${code}`)
      }
    },
  }
}
