import { type Duration, durationText, HOUR_MS, milliseconds } from '#shared/domain/duration.ts'
import { shown } from '#shared/domain/text.ts'
import { MAX_COLD_FILLS_PER_MINUTE } from './job-policies.ts'
import {
  DeclarationError,
  evaluateMember,
  expectMatch,
  expectOneOf,
  rejectUnknownKeys,
} from './validation.ts'

/** A parameter of a path or of a query. */
export interface Parameter {
  /** The whole value must match; source of a regular expression without anchors. */
  readonly pattern: string
  readonly about: string
  /** Error message for a value of another form; `invalid <name>` by default. */
  readonly invalidMessage?: string
}

/** Members of every declared path. */
interface Path {
  /** Documented path; `{name}` matches one segment. */
  readonly path: string
  readonly about: string
  readonly parameters?: Readonly<Record<string, Parameter>>
  /** Optional parameters of the query; names that are not declared are ignored. */
  readonly query?: Readonly<Record<string, Parameter>>
  /** Who may call it: everyone, or operators only. */
  readonly access: 'public' | 'operator'
  /** GET by default. A POST has a JSON body. */
  readonly method?: 'GET' | 'POST'
}

/** How operators read a route live, at `/v1/live/<path>`. */
interface LiveTwin {
  /**
   * Only with a view: the task parameter that lists keys, so that one run refreshes all keys of a request. Without it, each
   * key has a run of its own.
   */
  readonly keys?: string
  /**
   * The least time between two live reads of one key, at most 1 hour: each of them makes a run, and an earlier one gets
   * status 429. Without it, a value that was checked within the job's interval is served and not refreshed. Not with `keys`.
   */
  readonly spacing?: Duration
}

/** How a dataset is read over HTTPS. */
export interface Route extends Path {
  /**
   * Key of the item that is served; `{name}` is replaced by the path's parameter. `all` for a snapshot. Without it, a
   * view selects the keys.
   */
  readonly key?: string
  /** Function of the job's `views.ts` that makes the response; the stored body by default. */
  readonly view?: string
  /**
   * Whether its view computes every response for the request, such as a state that changes by the second: caches keep none,
   * and none has an entity tag. False by default.
   */
  readonly uncached?: true
  /** `read` changes nothing. */
  readonly effect: 'read' | 'submit' | 'change'
  /** Its live twin, which refreshes the keys that the route reads. A route with a view has none without this member. */
  readonly live?: LiveTwin
  /** Documented message of the DEBUG log line of a hit; `{age}` is replaced by the age in seconds. */
  readonly hitMessage?: string
  /** When nothing servable is stored: wait for a refresh (at most 8 s), or answer 503 at once. */
  readonly cold: 'wait' | 'refuse'
}

/** A path that submits a task of the job; `submit.ts` in the job's folder maps its parameters and its response. */
export interface SubmitRoute extends Path {
  /** Never answers with an earlier result; joins only a task that still runs. */
  readonly requiresNewRun?: boolean
}

const PATH_KEYS = ['path', 'about', 'parameters', 'query', 'access', 'method']
const READ_KEYS = [...PATH_KEYS, 'key', 'view', 'effect', 'live', 'hitMessage', 'cold', 'uncached']
const SUBMIT_KEYS = [...PATH_KEYS, 'requiresNewRun']
const SEGMENT = String.raw`(?:[A-Za-z0-9._~-]+|\{[a-z_]+\})`

/**
 * Checks a route's declaration.
 *
 * @throws {DeclarationError} for unknown keys, a malformed path, a parameter without a pattern or without use
 */
export function checkRoute(where: string, route: Route): void {
  rejectUnknownKeys(where, route, READ_KEYS)
  checkPath(where, route)
  if (route.view !== undefined) {
    expectMatch(`${where}.view`, route.view, /^[a-z][A-Za-z]*$/, 'the name of a view of views.ts')
  }
  if (route.uncached !== undefined && route.view === undefined)
    throw new DeclarationError(`${where}.uncached: expected only with view, got it without`)
  if (route.hitMessage !== undefined) {
    expectMatch(`${where}.hitMessage`, route.hitMessage, /\{age\}/, 'a message with {age}')
  }
  expectOneOf(`${where}.effect`, route.effect, ['read', 'submit', 'change'])
  expectOneOf(`${where}.cold`, route.cold, ['wait', 'refuse'])
}

/**
 * Checks the `key` of a route, and that something uses each of its parameters: the stored body is the same whatever the
 * query has, and only the key selects another.
 *
 * @throws {DeclarationError} for a key that no request can have, and for a parameter that nothing reads
 */
export function checkKey(
  where: string,
  { path, key, view, query = {} }: Route,
  { stored, keys }: { readonly stored: string; readonly keys?: Parameter | undefined },
): void {
  const inPath = parameterNames(path)
  const refuse = (member: string, message: string) => {
    throw new DeclarationError(`${where}.${member}: expected ${message}`)
  }
  if (key !== undefined || view === undefined)
    expectMatch(`${where}.key`, key, /^(?:[\w.:-]|\{[a-z_]+\})+$/, 'a key such as global or {symbol}')
  if (key !== undefined && stored === 'snapshot' && key !== 'all')
    refuse('key', `all, because a snapshot is read as a whole, got ${shown(key)}`)
  if (key !== undefined && stored === 'items' && keys !== undefined)
    refuse('key', `none, because keys declares the form of all keys of the job, got ${shown(key)}`)
  const inKey = key === undefined ? [] : parameterNames(key)
  const foreign = inKey.find((name) => !inPath.includes(name))
  if (foreign !== undefined) refuse('key', `parameters of the path [${inPath.join(', ')}], got {${foreign}}`)
  if (view !== undefined) return
  const unused = inPath.find((name) => !inKey.includes(name))
  if (unused !== undefined)
    refuse('parameters', `a key or a view that uses {${unused}}, got the key ${key} without a view`)
  const [name] = Object.keys(query)
  if (name !== undefined) refuse('query', `none without a view, which would read it; got ${name}`)
}

/** The claim of a live read is stored for this long. */
const MAX_LIVE_SPACING_MS = HOUR_MS

/**
 * Checks the `live` member of a route.
 *
 * @throws {DeclarationError} for a view of a job that stores no items, tasks without that parameter, a spacing of over an
 *   hour, and members that have no effect
 */
export function checkLive(
  where: string,
  { live, view }: Pick<Route, 'live' | 'view'>,
  { stored, params = {} }: { readonly stored: string; readonly params?: object },
): void {
  if (live === undefined) return
  const refuse = (message: string) => {
    throw new DeclarationError(`${where}: expected ${message}`)
  }
  rejectUnknownKeys(where, live, ['keys', 'spacing'])
  const { keys, spacing } = live
  if (view === undefined && spacing === undefined) refuse('a spacing, or a view; got neither')
  if (view !== undefined && stored !== 'items') refuse(`a view only with stored: 'items', got '${stored}'`)
  if (keys !== undefined && view === undefined) refuse(`keys only with view, got ${shown(keys)} without view`)
  if (keys !== undefined) expectOneOf(`${where}.keys`, keys, Object.keys(params))
  if (spacing === undefined) return
  if (keys !== undefined) refuse('keys or spacing, got both')
  const spacingMs = evaluateMember(`${where}.spacing`, () => milliseconds(spacing))
  if (spacingMs > MAX_LIVE_SPACING_MS) refuse(`a spacing of at most 1 hour, got ${durationText(spacingMs)}`)
}

/**
 * Checks the `coldFillsPerMinute` of a job.
 *
 * @throws {DeclarationError} for a number that is not 1 to 30, and for a job that no reader can fill or that calls no provider
 */
export function checkColdFills(
  where: string,
  limit: number | undefined,
  { reads, hasUpstream }: { readonly reads: readonly Route[]; readonly hasUpstream: boolean },
): void {
  if (limit === undefined) return
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_COLD_FILLS_PER_MINUTE)
    throw new DeclarationError(
      `${where}: expected a whole number of 1 to ${MAX_COLD_FILLS_PER_MINUTE}, got ${shown(limit)}`,
    )
  const canFill = reads.some(({ cold, view }) => cold === 'wait' || view !== undefined)
  if (canFill && hasUpstream) return
  const expected = hasUpstream ? "a view or a read with cold: 'wait'" : 'an upstream'
  throw new DeclarationError(`${where}: expected only with ${expected}, got it without`)
}

/** Checks the declaration of a path that submits. @throws {DeclarationError} as {@link checkRoute} */
export function checkSubmitRoute(where: string, route: SubmitRoute): void {
  rejectUnknownKeys(where, route, SUBMIT_KEYS)
  checkPath(where, route)
}

/** Checks the members that every declared path has. @throws {DeclarationError} as {@link checkRoute} */
export function checkPath(where: string, route: Path): void {
  const pattern = new RegExp(`^(?:/${SEGMENT})+$`)
  expectMatch(`${where}.path`, route.path, pattern, 'a path such as /api/v1/things/{id}')
  expectMatch(`${where}.about`, route.about, /\S/, 'a sentence')
  expectOneOf(`${where}.access`, route.access, ['public', 'operator'])
  expectOneOf(`${where}.method`, route.method ?? 'GET', ['GET', 'POST'])
  const declared = Object.keys(route.parameters ?? {}).sort()
  const used = parameterNames(route.path).sort()
  if (declared.join() !== used.join()) {
    throw new DeclarationError(
      `${where}.parameters: expected [${used.join(', ')}] as in the path, got [${declared.join(', ')}]`,
    )
  }
}

/** The parameter names of a template, in order: `x`, `y` for `/a/{x}/{y}`. */
function parameterNames(template: string): string[] {
  return [...template.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] as string)
}
