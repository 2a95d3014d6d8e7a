import type { Limits } from '#shared/declare/upstream.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { GRACE_MS, intervalMs } from './pacing.ts'

/** Slots and connections to hand out. */
interface Block {
  readonly slots: readonly number[]
  readonly connections: number
}

interface CallQueueOptions {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'perMinute' | 'burst'>
  /** Gets another block for so many who wait, or throws why there is none. */
  readonly reserveMore: (waiting: number) => Promise<Block>
  /** Looked at when a slot has come: throws when no call may be made any more, false gives the slot up. */
  readonly canCall: () => Promise<boolean>
}

/** The turns of one run's calls: each takes a slot in time and a connection. First come, first served. */
export interface CallQueue {
  /** Waits for a turn. @throws what `more` or `isOpen` throw */
  acquire(): Promise<void>
  /** Ends a turn. */
  release(): void
  /** While set, one call at a time. */
  setSerial(only: boolean): void
  /** Whoever waits, now or later, gets this. */
  fail(error: Error): void
  /** Gives up the slots that are left. */
  dropSlots(): void
  /** Turns under way. */
  inFlight(): number
  /** Slots given up since this was last asked. */
  drainUnused(): number
}

/** @param first - the block to begin with */
export function callQueue(
  first: Block,
  { clock, limits, reserveMore, canCall }: CallQueueOptions,
): CallQueue {
  const interval = intervalMs(limits)
  const queue: PromiseWithResolvers<void>[] = []
  let slots = [...first.slots]
  let { connections } = first
  let isAlone = false
  let running = 0
  let lost = 0
  let isGetting = false
  let ended: Error | undefined
  /** When the next call would be due at an even pace of this run alone. */
  let due = 0

  /** Serves those who wait, in their order, as far as connections and slots go. */
  const serve = () => {
    while (queue.length > 0 && running < (isAlone ? 1 : connections)) {
      const slot = slots.shift()
      if (slot === undefined) return get()
      const [next] = queue.splice(0, 1)
      if (next) void give(next, slot)
    }
  }

  const fail = (error: Error) => {
    ended ??= error
    for (const waiting of queue.splice(0)) waiting.reject(ended)
  }

  const get = () => {
    if (isGetting) return
    isGetting = true
    reserveMore(queue.length)
      .then(
        (block) => {
          slots = [...block.slots]
          connections = block.connections
        },
        (error) => fail(error),
      )
      .finally(() => {
        isGetting = false
        serve()
      })
  }

  const give = async (turn: PromiseWithResolvers<void>, slot: number) => {
    running += 1
    try {
      if (await isHeld(slot)) return turn.resolve()
      queue.unshift(turn)
    } catch (error) {
      turn.reject(error)
    }
    lost += 1
    running -= 1
    serve()
  }

  /**
   * Waits for the slot, and until as much lies behind the calls before it as the pace demands: after a pause of the
   * process several slots are due at once. One that is too late is lost.
   */
  const isHeld = async (slot: number): Promise<boolean> => {
    const start = () => Math.max(slot, due - (limits.burst - 1) * interval)
    while (start() > clock.now()) await clock.sleep(Math.ceil(start() - clock.now()))
    const isInTime = () => clock.now() <= slot + GRACE_MS
    if (!isInTime()) return false
    due = Math.max(due, clock.now()) + interval
    // a look at the table takes time too
    return (await canCall()) && isInTime()
  }

  return {
    acquire() {
      if (ended) return Promise.reject(ended)
      const turn = Promise.withResolvers<void>()
      queue.push(turn)
      serve()
      return turn.promise
    },

    release() {
      running -= 1
      serve()
    },

    fail,

    setSerial(only) {
      isAlone = only
      serve()
    },

    dropSlots() {
      lost += slots.length
      slots = []
    },

    inFlight: () => running,

    drainUnused() {
      const given = lost
      lost = 0
      return given
    },
  }
}
