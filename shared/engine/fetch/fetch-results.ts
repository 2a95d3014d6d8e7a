import type { RefreshError } from '#shared/domain/errors.ts'
import type { DataSource, Validator } from '#shared/domain/records/publication.ts'
import type { ItemBody, Previous, SetSummary } from '../model/refresh.ts'
import type { RequestStats } from '../model/results.ts'
import type { KeyResult, Unfinished } from '../model/run-state.ts'
import type { PublishContent } from '../validate/validate.ts'

/** Result of one request after validation: a valid value, a confirmation of the stored one, or a failure. */
export type ValidationResult = { readonly key: string } & (
  | ValidValue
  | { readonly kind: 'unchanged'; readonly answeredAt: number }
  | { readonly kind: 'failure'; readonly error: RefreshError }
)

/** A value to publish. */
export type ValidValue = PublishContent & {
  readonly kind: 'value'
  /** The parsed value, in the job's own type. */
  readonly value: unknown
  /** The provider that answered. */
  readonly upstream: string
  readonly dataSource: DataSource
  /** When the provider made the answer. */
  readonly answeredAt: number
  readonly validator?: Validator
}

/** A value to publish under its one key. */
export type ValidItem = ValidValue & { readonly body: ItemBody }

/** Result of a plan, for items and for snapshots. */
export interface PlanResult {
  readonly status: 'done'
  readonly results: readonly KeyResult[]
  /** The job's log fields of the published set. */
  readonly logFields?: SetSummary['logFields']
  readonly stats: RequestStats
  /** Why the requests that follow from the plan were not made. */
  readonly unfinished?: Unfinished
}

/** The stored value of a key, for validation and for a conditional request. */
export interface StoredValue {
  readonly previous: Previous
  readonly validator?: Validator
}

/** The results of `settle`, with the statistics of the requests. */
export interface Fetched<R> {
  readonly status: 'fetched'
  readonly results: R[]
  readonly stats: RequestStats
  /** Why the later requests were not made. */
  readonly unfinished?: RefreshError
}
