import { simulatedProviders } from '#infra/local/simulated/index.ts'
import type { SimulatedResponse } from '#infra/local/simulated/model/provider.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { DAY_MS, SECOND_MS } from '#shared/domain/duration.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import { repairJson } from '#shared/upstreams/gdelt.ts'
import { bodyText, type Json, parseBody } from './json.ts'

const SEED = 1

const MAX_RESPONSES = 500

/** Rows of a list of contracts or pairs, if a profile does not need more. */
const ROWS = 13

/** The last rows of a list are of the rarer kinds. */
const LAST_ROWS = 2

/** Rows of a series, such as bars: the newest ones. */
const SERIES_ROWS = 130

/** Ages of the observations of a daily series, in days: those that are served as a list, and those of a year before. */
const OBSERVED_AGES = [
  [0, 100],
  [355, 385],
] as const

/** Members that name a row in all lists of a provider, the first that a row has. */
const ROSTER_IDENTITIES = ['instId', 'symbol', 'id'] as const

/** Members that name a row, the first that a row has. */
const IDENTITIES = [...ROSTER_IDENTITIES, 'topic_uid', 'topic_id'] as const

/** Members that name a row by a number. */
const NUMBERED_IDENTITIES = ['checkin_id'] as const

/** Providers whose lists have nothing in common: each is cut by itself. */
const SEPARATE_LISTS = ['check-ins']

/** Query parameters that decide which form a body has: calls with different values are as calls of different paths. */
const FORMS = ['function', 'units'] as const

/** Query parameters that say what a call is about. The numbered pages of NewsAPI are not: they are one answer, and are bent together. */
const SUBJECTS = ['symbol', 'instId', 'series_id', 'cursor', 'scope', 'type'] as const

/** Paths that have the name of a row: the calls of all names are calls of one path. */
const NAMED_PATHS = [
  /^(?<before>\/v8\/finance\/chart)\/(?<row>[^/]+)$/,
  /^(?<before>\/v2\/groups\/\d+\/checkins\/)(?<row>\d+)(?<after>\/.+)?$/,
] as const

/** One call to a provider, without the host. */
export interface UpstreamCall {
  readonly provider: string
  /** Bodies of one path have one form: `/fapi/v1/premiumIndex`, `/query?function=OVERVIEW`. */
  readonly path: string
  /** The path as it was sent, below the base URL. */
  readonly sentPath: string
  /** The query, as far as it differs between calls of one path. */
  readonly query: string
}

/** When a call is made; milliseconds since the epoch. */
interface CallTiming {
  readonly now: number
  /** When the earlier calls of the run were made. */
  readonly sentAt: readonly number[]
}

/** The member that names a row of a list; `undefined` for a list without one. */
export function identityOf(row: Json | undefined): string | undefined {
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return undefined
  return (
    IDENTITIES.find((name) => typeof row[name] === 'string') ??
    NUMBERED_IDENTITIES.find((name) => typeof row[name] === 'number')
  )
}

/**
 * The simulated providers with short lists: about a dozen rows, the same ones in each list of a provider, and series of
 * 130 rows. The first long list of a provider decides which rows those are.
 */
export class GoodBodies {
  /** Every attack on a job begins at the same times: its good bodies are generated once. */
  readonly #responses = new Map<string, SimulatedResponse>()
  readonly #rows: number
  readonly #rosters = new Map<string, ReadonlySet<string>>()

  /** @param rows - number of rows in each list */
  constructor(rows = ROWS) {
    this.#rows = rows
  }

  /** The call of a request, or `undefined` for a host that no provider has. */
  static callOf({ url }: HttpRequest, providers: readonly Upstream[]): UpstreamCall | undefined {
    for (const { name, baseUrls } of providers) {
      const base = baseUrls.find(
        ({ host, pathname }) => host === url.host && url.pathname.startsWith(pathname),
      )
      if (!base) continue
      const sentPath = url.pathname.slice(base.pathname.replace(/\/$/, '').length)
      const { path, row } = namedPath(sentPath)
      const forms = FORMS.flatMap((key) => {
        const value = url.searchParams.get(key)
        return value === null ? [] : [`${key}=${value}`]
      })
      const identities = SUBJECTS.flatMap((key) => url.searchParams.get(key) ?? [])
      const named = row === undefined ? [] : [decodeURIComponent(row)]
      const rows = [...named, ...identities].join(' ')
      return { provider: name, path: [path, ...forms].join('?'), sentPath, query: rows }
    }
    return undefined
  }

  /** The response of a provider at a time, after the earlier calls of the same run. */
  reply(call: UpstreamCall, request: HttpRequest, timing: CallTiming): SimulatedResponse {
    const lastAt = timing.sentAt.at(-1) ?? Number.NEGATIVE_INFINITY
    const name = `${timing.now} ${timing.now - lastAt < SECOND_MS} ${request.url.href}`
    const response = this.#responses.get(name) ?? this.#respond(call, request, timing)
    if (this.#responses.size >= MAX_RESPONSES) this.#responses.clear()
    this.#responses.set(name, response)
    return response
  }

  #respond(
    { provider, sentPath }: UpstreamCall,
    request: HttpRequest,
    timing: CallTiming,
  ): SimulatedResponse {
    const simulated = simulatedProviders[provider]
    if (!simulated) throw new TypeError(`expected a simulated provider, got ${provider}`)
    const query = new URLSearchParams(request.url.searchParams)
    const { secretQuery } = request
    if (secretQuery) query.set(secretQuery.name, secretQuery.value)
    // only this provider limits calls by the time between two of them
    const earlier = SEPARATE_LISTS.includes(provider) ? timing.sentAt : []
    const { status, headers, body } = simulated(SEED, timing.now, sentPath, query, earlier)
    return {
      status,
      headers,
      body: bodyText(this.#shortened(provider, parseBody(repairJson(body)))),
    }
  }

  #shortened(provider: string, value: Json): Json {
    if (Array.isArray(value)) {
      if (value.length > SERIES_ROWS && Array.isArray(value[0])) return value.slice(-SERIES_ROWS)
      const rows = this.#ofRoster(provider, isDailySeries(value) ? shortSeries(value) : value)
      return rows.map((row) => this.#shortened(provider, row))
    }
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, this.#shortened(provider, member)]),
    )
  }

  #ofRoster(provider: string, rows: Json[]): Json[] {
    const isLong = rows.length > this.#rows
    const chosen = isLong ? [...rows.slice(0, this.#rows - LAST_ROWS), ...rows.slice(-LAST_ROWS)] : rows
    if (SEPARATE_LISTS.includes(provider)) return chosen
    const identity = rosterIdentityOf(rows[0])
    if (identity === undefined) return rows
    const nameOf = (row: Json) => String((row as { [name: string]: Json })[identity])
    if (!this.#rosters.has(provider) && isLong) this.#rosters.set(provider, new Set(chosen.map(nameOf)))
    const roster = this.#rosters.get(provider)
    return roster ? rows.filter((row) => roster.has(nameOf(row))) : rows
  }
}

function rosterIdentityOf(row: Json | undefined): string | undefined {
  const identity = identityOf(row)
  return ROSTER_IDENTITIES.find((name) => name === identity)
}

/** A path without the name of its row, and that name. */
function namedPath(sentPath: string): { readonly path: string; readonly row: string | undefined } {
  const match = NAMED_PATHS.map((form) => form.exec(sentPath)).find(Boolean)
  const { before = sentPath, row, after = '' } = match?.groups ?? {}
  return { path: before.endsWith('/') ? `${before}*${after}` : before, row }
}

/** Observations of a series by date, newest first, of more than a year. */
function isDailySeries(rows: readonly Json[]): rows is { readonly date: string }[] {
  return rows.length > SERIES_ROWS && rows.every((row) => dateOf(row) !== undefined)
}

/** Some of the observations: a change over months still has its reference. */
function shortSeries(rows: { readonly date: string }[]) {
  const newest = Math.max(...rows.map(({ date }) => Date.parse(date)))
  return rows.filter(({ date }) => {
    const ageDays = (newest - Date.parse(date)) / DAY_MS
    return OBSERVED_AGES.some(([least, most]) => ageDays >= least && ageDays <= most)
  })
}

function dateOf(row: Json | undefined): string | undefined {
  const isRow = row !== null && typeof row === 'object' && !Array.isArray(row)
  return isRow && typeof row['date'] === 'string' ? row['date'] : undefined
}
