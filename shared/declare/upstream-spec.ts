import type { Duration } from '#shared/domain/duration.ts'
import type { RefreshError } from '#shared/domain/errors.ts'
import type { HttpResponse } from '#shared/domain/ports/http.ts'
import type { SettingsTable, SettingValues } from './settings.ts'

/** The provider's limits over all jobs and retries together. An absent member: no such limit is known. */
interface UpstreamLimits {
  /** Calls in any 60 seconds. */
  readonly perMinute: number
  /** Calls that may start at once after a quiet period; 1 by default. */
  readonly burst?: number
  readonly concurrency: number
  readonly perDay?: number
  readonly perMonth?: number
  /** Share of the daily or monthly quota for scheduled runs, the rest is for operators; 0.9 by default. */
  readonly scheduledShare?: number
  /** Time zone in whose midnight the provider's day begins; UTC by default. */
  readonly zone?: string
}

/** The circuit breaker of a provider. */
export interface BreakerSpec {
  /** Consecutive failed runs that open it; 3 by default. */
  readonly failures?: number
  /** How long it stays open before one run probes the provider; 5 minutes by default. */
  readonly coolDown?: Duration
}

/**
 * When failures of single items become a matter of the provider: those that `classify` marks with `escalates`, in a row
 * over all runs. A successful answer ends the row; other failures neither count nor end it.
 */
export interface EscalationSpec {
  /** Failures in a row that start a cool-down. */
  readonly failures: number
  /** Length of the first one. */
  readonly coolDown: Duration
  /** Each further one is twice as long as the one before, up to this length. */
  readonly maxCoolDown: Duration
}

/** A response header in which the provider reports the usage of the current minute by all calls from our address. */
export interface UsageSpec {
  /** Name of the header in lower case. */
  readonly header: string
  /** Allowed usage per minute, in the unit of the header. */
  readonly limit: number
  /** At this share of the limit, calls pause until the provider's next minute; 0.8 by default. */
  readonly share?: number
}

/**
 * An API key that every call carries: its SSM parameter, and the header or the query parameter that has its value. A
 * query parameter only where the provider accepts no header, because URLs are logged more often than headers. A `scheme`
 * stands before the key in its header. With `extraHeaders`, the parameter may also hold
 * `{"token": "...", "headers": {"name": "value"}}`: the key, and further headers that are sent as they are.
 *
 * @example { parameter: '/freshet/alpha-vantage', query: 'apikey' }
 * @example { parameter: '/freshet/summaries', header: 'authorization', scheme: 'Bearer' }
 */
export type UpstreamSecret =
  | {
      readonly parameter: string
      readonly header: string
      readonly scheme?: string
      readonly extraHeaders?: true
      readonly query?: undefined
    }
  | {
      readonly parameter: string
      readonly query: string
      readonly header?: undefined
      readonly scheme?: undefined
      readonly extraHeaders?: undefined
    }

/** One provider, as it is declared. */
export interface UpstreamSpec<S extends SettingsTable> {
  readonly name: string
  readonly title: string
  readonly settings: S
  /** In order of preference; the setting `FRESHET_UPSTREAM_<NAME>_URL` replaces them. */
  readonly baseUrls: (settings: SettingValues<S>) => readonly string[]
  /**
   * Whether its base URLs are addresses that the operator sets, as those of the setting above: they may then be private,
   * and plain HTTP on this machine. False by default.
   */
  readonly isOperatorAddress?: boolean
  readonly secret?: (settings: SettingValues<S>) => UpstreamSecret | undefined
  /**
   * Why the provider may not be called, if so: its terms are not accepted, or it has no key. No run makes a call to it
   * then, and runs that need it end `skipped(not-configured)`.
   */
  readonly off?: (settings: SettingValues<S>) => string | undefined
  readonly limits: (settings: SettingValues<S>) => UpstreamLimits
  readonly usage?: UsageSpec
  readonly breaker?: BreakerSpec
  /** Without it, `escalates` has no effect. */
  readonly escalation?: EscalationSpec
  /**
   * Whether its bodies hold personal data: no error, record or log line has any part of a body then, and rejected bodies are
   * not kept. The messages that `classify` and the jobs write themselves must not quote values. False by default.
   */
  readonly hasPersonalData?: true
  /** Limit of one call, from connecting to the end of the body. */
  readonly attemptTimeout: Duration
  /** Most attempts of a call, for a provider that refuses quick repetitions; by default as many as the job allows. */
  readonly maxAttempts?: number
  /** The `Accept` header of a call; `application/json` by default. */
  readonly accept?: string
  /** A header with which every call gets a fresh UUID, such as `x-request-id`; none by default. */
  readonly requestIdHeader?: string
  /** Largest body in bytes, after decompression: near what the provider really sends, at most 16 MiB. */
  readonly maxBytes: number
  /** Largest bodies of endpoints that send more or less than the others, by path. */
  readonly endpointMaxBytes?: Readonly<Record<string, number>>
  /** The attribution that the provider's terms require. */
  readonly attribution: { readonly text: string; readonly url: string }
  /** Decides what a response means: status 200 is not success. `now` is milliseconds since the epoch. */
  readonly classify: (answer: HttpResponse, now: number) => Classified
}

/** The provider's limits with the defaults filled in. */
export type Limits = UpstreamLimits & Required<Pick<UpstreamLimits, 'burst' | 'scheduledShare' | 'zone'>>

export interface EscalationPolicy {
  readonly failures: number
  readonly coolDownMs: number
  readonly maxCoolDownMs: number
}

/** What a response means; decided before a schema parses its body. */
export type Classified =
  | { readonly kind: 'ok'; readonly body: object }
  | { readonly kind: 'failed'; readonly error: RefreshError }
