import type { Limits } from '#shared/declare/upstream-spec.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { GRACE_MS, intervalMs } from './pacing.ts'

/** Reserved slots in time and connections. */
interface Block {
  readonly slots: readonly number[]
  readonly connections: number
}

interface CallQueueOptions {
  readonly clock: Clock
  readonly limits: Pick<Limits, 'perMinute' | 'burst'>
  /** Reserves another block for a number of waiting calls, or throws why there is none. */
  readonly reserveMore: (waiting: number) => Promise<Block>
  /** Checked when a slot is due: false drops the slot, and it throws when no call may be made any more. */
  readonly canCall: () => Promise<boolean>
}

/** The queue of one run's calls. Each call takes a slot in time and a connection, first come, first served (I6). */
export class CallQueue {
  readonly #options: CallQueueOptions
  readonly #intervalMs: number
  readonly #waiting: PromiseWithResolvers<void>[] = []
  #slots: number[] = []
  #connections = 0
  #isSerial = false
  #inFlight = 0
  #unused = 0
  #isReserving = false
  #failure: Error | undefined
  /** When the next call is due at an even pace of this run alone. */
  #due = 0

  constructor(options: CallQueueOptions) {
    this.#options = options
    this.#intervalMs = intervalMs(options.limits)
  }

  /**
   * Waits for a slot and a connection; end the call with {@link release}.
   *
   * @throws what `reserveMore` and `canCall` throw
   */
  acquire(): Promise<void> {
    if (this.#failure) return Promise.reject(this.#failure)
    const call = Promise.withResolvers<void>()
    this.#waiting.push(call)
    this.#serve()
    return call.promise
  }

  release(): void {
    this.#inFlight -= 1
    this.#serve()
  }

  setBlock({ slots, connections }: Block): void {
    this.#slots = [...slots]
    this.#connections = connections
  }

  /** While serial, one call is made at a time. */
  setSerial(isSerial: boolean): void {
    this.#isSerial = isSerial
    this.#serve()
  }

  /** Rejects all calls that wait now or later. */
  fail(error: Error): void {
    this.#failure ??= error
    for (const call of this.#waiting.splice(0)) call.reject(this.#failure)
  }

  /** Drops the remaining slots. */
  dropSlots(): void {
    this.#unused += this.#slots.length
    this.#slots = []
  }

  /** Number of calls under way. */
  inFlight(): number {
    return this.#inFlight
  }

  /** Number of slots dropped since the last call of this method. */
  drainUnused(): number {
    const unused = this.#unused
    this.#unused = 0
    return unused
  }

  /** Starts waiting calls in order, as far as connections and slots allow. */
  #serve(): void {
    while (this.#waiting.length > 0 && this.#inFlight < (this.#isSerial ? 1 : this.#connections)) {
      const slot = this.#slots.shift()
      if (slot === undefined) {
        this.#reserve()
        return
      }
      const call = this.#waiting.shift()
      if (call) void this.#start(call, slot)
    }
  }

  #reserve(): void {
    if (this.#isReserving) return
    this.#isReserving = true
    this.#options
      .reserveMore(this.#waiting.length)
      .then(
        (block) => this.setBlock(block),
        (error) => this.fail(error),
      )
      .finally(() => {
        this.#isReserving = false
        this.#serve()
      })
  }

  async #start(call: PromiseWithResolvers<void>, slot: number): Promise<void> {
    this.#inFlight += 1
    try {
      if (await this.#waitForSlot(slot)) return call.resolve()
      this.#waiting.unshift(call)
    } catch (error) {
      call.reject(error)
    }
    this.#unused += 1
    this.#inFlight -= 1
    this.#serve()
  }

  /**
   * Waits for the slot, and for the pace since the previous calls: after a pause of the process several slots are due
   * at once.
   *
   * @returns false when the slot is missed
   */
  async #waitForSlot(slot: number): Promise<boolean> {
    const { clock, limits, canCall } = this.#options
    const startsAt = () => Math.max(slot, this.#due - (limits.burst - 1) * this.#intervalMs)
    while (startsAt() > clock.now()) await clock.sleep(Math.ceil(startsAt() - clock.now()))
    const isInTime = () => clock.now() <= slot + GRACE_MS
    if (!isInTime()) return false
    this.#due = Math.max(this.#due, clock.now()) + this.#intervalMs
    // canCall may read the table, which takes time
    return (await canCall()) && isInTime()
  }
}
