import type { Job } from '#shared/declare/job.ts'
import type { OperationAlias } from '#shared/declare/operation-alias.ts'
import type { System } from '#shared/declare/system.ts'
import type { Bus } from '#shared/domain/ports/bus.ts'
import type { Clock, Random } from '#shared/domain/ports/clock.ts'
import type { FailureQueues } from '#shared/domain/ports/failure-queues.ts'
import type { Log } from '#shared/domain/ports/log.ts'
import type { Metrics } from '#shared/domain/ports/metrics.ts'
import type { OperatorStore } from '#shared/domain/ports/store.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { OperatorRow } from '#shared/http/routes.ts'
import type { AuthorizedRequest } from '#shared/read/request.ts'
import type { Views } from '#shared/read/view.ts'

/** The ports of the operators' API; no upstream is among them. */
export interface OperationPorts {
  readonly store: OperatorStore
  readonly metrics: Metrics
  readonly queues: FailureQueues
  readonly bus: Bus
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** Views by job, for reads that combine several stored values. */
  readonly views?: Views
  /** Those of routes for operators. */
  readonly operatorViews?: Views
}

/** A request to the operators' API; without an `actor` it is answered with 401. */
export type OperationRequest = AuthorizedRequest

/** One request and the operation that handles it. */
export interface OperationContext {
  readonly request: OperationRequest & { readonly actor: string }
  readonly route: Pick<OperatorRow, 'path'>
  /** The value of `{id}` in the path; empty if the path has no such parameter. */
  readonly id: string
  /** The job of the path, if the path belongs to a single job. */
  readonly job?: Job
  /** The declaration of the path, if a job declares it. */
  readonly alias?: OperationAlias
  readonly system: System
  readonly version: string
  readonly ports: OperationPorts
}

/** @throws {HttpError} when the request is rejected */
export type OperationHandler = (call: OperationContext) => Promise<HttpResult>
