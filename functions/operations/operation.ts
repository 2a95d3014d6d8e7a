import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { OperatorRow } from '#shared/http/routes.ts'
import type { Bus } from '#shared/ports/bus.ts'
import type { Clock } from '#shared/ports/clock.ts'
import type { Log } from '#shared/ports/log.ts'
import type { Random } from '#shared/ports/random.ts'
import type { OperatorStore } from '#shared/ports/store.ts'
import type { AuthorizedRequest } from '../serving/authorized-request.ts'
import type { Shapes } from '../serving/shape.ts'

/** The world as operators' requests see it: no upstream. */
export interface OperationPorts {
  readonly store: OperatorStore
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** How jobs make answers of more than one stored value. */
  readonly shapes?: Shapes
}

/** A request of an operator; nobody is refused everything. */
export type OperationRequest = AuthorizedRequest

/** One request on its way through one operation. */
export interface Call {
  readonly request: OperationRequest & { readonly actor: string }
  readonly route: Pick<OperatorRow, 'path'>
  /** What stands for `{id}` in the path; an empty text where it has none. */
  readonly id: string
  /** Whose operation it is, where the path is one of a single job. */
  readonly job?: Job
  readonly system: System
  readonly version: string
  readonly ports: OperationPorts
}

/** @throws {Refused} for what is not to be done */
export type Operate = (call: Call) => Promise<HttpResult>
