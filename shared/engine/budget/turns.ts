import type { Clock } from '../../ports/clock.ts'
import { GRACE_MS } from './pace.ts'

/** Slots and connections to hand out. */
interface Block {
  readonly slots: readonly number[]
  readonly connections: number
}

interface TurnsChoices {
  readonly clock: Clock
  /** Gets another block for so many who wait, or throws why there is none. */
  readonly more: (waiting: number) => Promise<Block>
  /** Looked at when a slot has come: throws when no call may be made any more, false gives the slot up. */
  readonly isOpen: () => Promise<boolean>
}

/** The turns of one run's calls: each takes a slot in time and a connection. */
export interface Turns {
  /** Waits for a turn. @throws what `more` or `isOpen` throw */
  take(): Promise<void>
  /** Ends a turn. */
  done(): void
  /** While set, one call at a time. */
  alone(only: boolean): void
  /** Gives up the slots that are left. */
  drop(): void
  /** Turns under way. */
  underWay(): number
  /** Slots given up since this was last asked. */
  unused(): number
}

/** @param first - the block to begin with */
export function turns(first: Block, { clock, more, isOpen }: TurnsChoices): Turns {
  let { slots, connections } = { slots: [...first.slots], connections: first.connections }
  let isAlone = false
  let running = 0
  let lost = 0
  let waiting = 0
  let getting: Promise<void> | undefined
  let changed = Promise.withResolvers<void>()

  const wake = () => {
    changed.resolve()
    changed = Promise.withResolvers()
  }

  /** However many wait, one block is got. */
  const another = () => {
    getting ??= more(waiting)
      .then((block) => {
        slots = [...block.slots]
        connections = block.connections
      })
      .finally(() => {
        getting = undefined
        wake()
      })
    return getting
  }

  /** A slot that is late is lost: calls would bunch up. */
  const isHeld = async (slot: number): Promise<boolean> => {
    const wait = slot - clock.now()
    if (wait > 0) await clock.sleep(wait)
    return clock.now() <= slot + GRACE_MS && (await isOpen())
  }

  return {
    async take() {
      for (;;) {
        if (running >= (isAlone ? 1 : connections)) {
          await changed.promise
          continue
        }
        const slot = slots.shift()
        if (slot === undefined) {
          waiting += 1
          await another().finally(() => {
            waiting -= 1
          })
          continue
        }
        running += 1
        let held = false
        try {
          held = await isHeld(slot)
        } finally {
          if (!held) {
            running -= 1
            lost += 1
            wake()
          }
        }
        if (held) return
      }
    },

    done() {
      running -= 1
      wake()
    },

    alone(only) {
      isAlone = only
      wake()
    },

    drop() {
      lost += slots.length
      slots = []
    },

    underWay: () => running,

    unused() {
      const given = lost
      lost = 0
      return given
    },
  }
}
