import type { Condition } from '../conditions.ts'
import type { Params } from '../json.ts'
import type { RefreshCause } from '../records/run-record.ts'

/** What is said on the bus. `refresh.requested` asks for a run; the others are notifications, never the truth. */
export type BusEvent =
  | {
      readonly type: 'refresh.requested'
      readonly detail: {
        readonly job: string
        readonly cause: RefreshCause
        readonly key?: string
        /** Of the run that an operator was promised: however often the wish is said, it is that one run. */
        readonly runId?: string
        /** What is asked for beside the job. */
        readonly params?: Params
      }
    }
  | {
      readonly type: 'dataset.refreshed'
      /** Said once of a run of the whole plan that published something; not of a run of one key or of a part. */
      readonly detail: {
        readonly job: string
        readonly runId: string
        /** How many it published. */
        readonly keys: number
        /** When that run ended, as ISO text: the same in each copy of the event. */
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
        readonly upstream: string
        readonly condition: Condition
        /** The figure that was judged, and the one that it is held against. */
        readonly value: number
        readonly limit: number
      }
    }

/** The event bus. Delivery is at least once and unordered. */
export interface Bus {
  /** @throws when the bus did not take the event */
  publish(event: BusEvent): Promise<void>
}
