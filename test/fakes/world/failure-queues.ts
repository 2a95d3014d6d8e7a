import type { Clock } from '#shared/domain/ports/clock.ts'
import type { FailureMessage, FailureQueue, FailureQueues } from '#shared/domain/ports/failure-queues.ts'

interface Stored extends FailureMessage {
  readonly queue: FailureQueue
  hiddenUntil: number
}

/** The failure queues in memory; `add` puts a message into one of them, with the attributes that say why. */
export function memoryQueues({ now }: Pick<Clock, 'now'>) {
  const stored = new Map<string, Stored>()
  const queues: FailureQueues = {
    depth: async (name) => [...stored.values()].filter(({ queue }) => queue === name).length,
    receive: async (name, hiddenMs) => {
      const visible = [...stored.values()]
        .filter(({ queue, hiddenUntil }) => queue === name && hiddenUntil <= now())
        .slice(0, 10)
      for (const message of visible) message.hiddenUntil = now() + hiddenMs
      return visible
    },
    delete: async (_name, receipt) => {
      stored.delete(receipt)
    },
  }
  const add = (queue: FailureQueue, body: unknown, attributes: Readonly<Record<string, string>> = {}) => {
    const id = `message-${stored.size + 1}`
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    stored.set(id, { id, queue, at: now(), body: text, attributes, receipt: id, hiddenUntil: 0 })
  }
  return { ...queues, add, stored }
}
