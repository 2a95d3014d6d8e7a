import type { Condition } from '../conditions.ts'
import type { Params } from '../json.ts'
import type { RefreshCause } from '../records/run-record.ts'

/** An event on the bus. `refresh.requested` requests a run; the others are notifications: the records are the truth. */
export type BusEvent =
  | {
      readonly type: 'refresh.requested'
      readonly detail: {
        readonly job: string
        readonly cause: RefreshCause
        readonly key?: string
        /** Id of the run that an operator was promised: every delivery of the request refers to that one run. */
        readonly runId?: string
        /** Parameters of the run. */
        readonly params?: Params
      }
    }
  | {
      readonly type: 'dataset.refreshed'
      /** Published after a run that wrote something; not after one that renewed a part of a snapshot. */
      readonly detail: {
        readonly job: string
        readonly runId: string
        /** Number of keys that it published. */
        readonly keys: number
        /** The key of a run of one key: only this key of other jobs follows from it. */
        readonly key?: string
        /** End of that run as ISO 8601 text, the same in each copy of the event. */
        readonly at: string
      }
    }
  | {
      readonly type: 'dataset.stale'
      readonly detail: { readonly job: string; readonly overdueSeconds: number }
    }
  | {
      readonly type: 'run.failed'
      readonly detail: {
        readonly job: string
        readonly runId: string
        readonly reason: string
        readonly upstream?: string
      }
    }
  | {
      readonly type: 'condition.breached'
      readonly detail: {
        readonly job: string
        readonly upstream?: string
        readonly condition: Condition
        /** The measured figure, and the limit that it exceeds. */
        readonly value: number
        readonly limit: number
      }
    }

/** A tick that failed and is delivered again, by the way of requests; its time is ISO 8601 text. */
export interface RedrivenTick {
  readonly type: 'refresh.requested'
  readonly detail: { readonly job: string; readonly cause: 'tick'; readonly tick: string }
}

/** The event bus. Delivery is at least once and unordered. */
export interface Bus {
  /** @throws when the bus did not accept the event */
  publish(event: BusEvent | RedrivenTick): Promise<void>
}
