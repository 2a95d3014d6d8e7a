import type { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { describe, expect, it } from 'vitest'
import { eventBridgeBus } from '#shared/adapters/event-bridge.ts'

const event = { type: 'refresh.requested', detail: { job: 'global-market', cause: 'stale-read' } } as const

function busAnswering(answer: object) {
  const sent: unknown[] = []
  const client = {
    send: async ({ input }: { input: unknown }) => {
      sent.push(input)
      return answer
    },
  }
  return { bus: eventBridgeBus(client as unknown as EventBridgeClient, 'freshet-dev'), sent }
}

describe('the bus', () => {
  it('puts one event under this system’s name', async () => {
    const { bus, sent } = busAnswering({ FailedEntryCount: 0 })

    await bus.publish(event)

    expect(sent).toEqual([
      {
        Entries: [
          {
            EventBusName: 'freshet-dev',
            Source: 'freshet',
            DetailType: 'refresh.requested',
            Detail: '{"job":"global-market","cause":"stale-read"}',
          },
        ],
      },
    ])
  })

  it('does not take a call for success that failed in its entry', async () => {
    const { bus } = busAnswering({ FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException' }] })

    await expect(bus.publish(event)).rejects.toThrow(
      'the bus refused a refresh.requested event: ThrottlingException',
    )
  })
})
