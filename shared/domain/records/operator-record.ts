import type { JsonValue } from '../json.ts'

/** Data that operators write and jobs read, such as the positions of a portfolio. It is kept until it is erased. */
export interface OperatorRecord {
  /** 1 for the first change; each change adds one. */
  readonly revision: number
  /** Id of the change, by which a repeated write is recognised. */
  readonly change: string
  /** Milliseconds since the epoch. */
  readonly changedAt: number
  /** `null` once it was erased. */
  readonly data: JsonValue
}

/** What jobs read of it. */
export type OperatorData = Pick<OperatorRecord, 'data' | 'changedAt'>
