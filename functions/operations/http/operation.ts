import type { Job } from '#shared/declare/job.ts'
import type { System } from '#shared/declare/system.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { OperatorRow } from '#shared/http/routes.ts'
import type { AuthorizedRequest } from '#shared/read/request.ts'
import type { Views } from '#shared/read/view.ts'

/** The world as operators' requests see it: no upstream. */
export interface OperationPorts {
  readonly store: OperatorStore
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>
  /** How jobs make answers of more than one stored value. */
  readonly views?: Views
}

/** A request of an operator; nobody is refused everything. */
export type OperationRequest = AuthorizedRequest

/** One request on its way through one operation. */
export interface OperationContext {
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
export type OperationHandler = (call: OperationContext) => Promise<HttpResult>
