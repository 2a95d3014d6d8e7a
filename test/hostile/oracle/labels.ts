import type { Job } from '#shared/declare/job.ts'
import { isoText } from '#shared/domain/time.ts'
import type { Json } from '../json.ts'
import type { Content, RouteResponse, StoredMember } from '../read-back.ts'
import { checkInKeysOf } from './check-in-findings.ts'
import { type Finding, shownValue } from './finding.ts'

const MAX_FRESH_S = 60

/** Times from which the labels of one response may be computed. */
interface Source {
  readonly name: string
  readonly asOf: number
  readonly checkedAt: number
  readonly freshUntil: number
}

/**
 * The labels of each response with stored data: `Age`, `X-Cache`, `max-age` and `meta.as_of` are the arithmetic on the
 * stored times of what the response holds. A response with one member has that member's times. A response with several
 * has the times of the set or of its oldest member; if a member is older than the set, it says that it is degraded.
 */
export function labelFindings(content: Content, job: Job): readonly Finding[] {
  return content.responses.flatMap((response) => {
    const { status, headers, body } = response
    if (status !== 200 || headers['age'] === undefined || headers['x-data-source'] === undefined) return []
    if (metaOf(body) === undefined || isUncached(response)) return []
    const members = membersIn(response, content)
    const sources = sourcesOf(members, content)
    if (sources.length === 0) return [label(response, 'data', 'data that are stored', 'a response without')]
    const matching = sources.find((source) => problems(response, source, content.at, job).length === 0)
    const first = sources[0] as Source
    const wrong = matching ? [] : problems(response, first, content.at, job)
    return [...wrong, ...carriedFindings(response, members, matching ?? first)]
  })
}

/** A response that was computed for its request has no times of its own. */
function isUncached({ route, headers }: RouteResponse): boolean {
  return route.method !== 'POST' && headers['cache-control'] === 'no-store'
}

function problems(response: RouteResponse, source: Source, at: number, job: Job): readonly Finding[] {
  const { headers, body, route } = response
  const age = Math.max(0, Math.floor((at - source.checkedAt) / 1_000))
  const isFresh = at < source.freshUntil
  const left = isFresh ? Math.min(MAX_FRESH_S, Math.floor((source.freshUntil - at) / 1_000)) : 0
  const staleMs = job.freshness.serveStaleForMs
  // no cache may serve it past the end of its stale time
  const staleLeft = Math.max(0, Math.floor((source.checkedAt + staleMs - at) / 1_000) - left)
  const stale = Math.min(staleLeft, Math.floor(job.revalidateWithinMs / 1_000))
  const onError = Math.min(staleLeft, Math.floor(staleMs / 1_000))
  const expected: Readonly<Record<string, string>> = {
    age: String(age),
    'x-cache': isFresh ? 'HIT' : 'STALE',
    'cache-control':
      route.method === 'POST'
        ? 'no-store'
        : `public, max-age=${age + left}, stale-while-revalidate=${stale}, stale-if-error=${onError}`,
  }
  const wrong = Object.entries(expected).filter(([name, value]) => headers[name] !== value)
  const asOf = String(metaOf(body)?.['as_of'] ?? '')
  return [
    ...wrong.map(([name, value]) => label(response, name, `${value} of ${source.name}`, headers[name])),
    ...(isoText(source.asOf).startsWith(asOf.replace('Z', ''))
      ? []
      : [label(response, 'as_of', isoText(source.asOf), asOf)]),
  ]
}

/** A member that is older than what the labels say shows it: its own time stands in it, or the response is degraded. */
function carriedFindings(
  response: RouteResponse,
  members: readonly StoredMember[],
  source: Source,
): readonly Finding[] {
  const carried = members.filter(({ checkedAt }) => checkedAt < source.checkedAt)
  if (carried.length === 0 || metaOf(response.body)?.['degraded'] === true) return []
  const names = carried.slice(0, 3).map(({ key }) => key)
  return [label(response, 'carried', 'degraded: true, or the age of the oldest member', names)]
}

/** The stored members that stand in a response: those whose keys it names. */
function membersIn(response: RouteResponse, { members, at }: Content): readonly StoredMember[] {
  const { body, route } = response
  const names = new Set(checkInKeysOf(response, at) ?? [route.key, ...namesIn(body)])
  return [...members.values()].filter(({ key }) => names.has(key))
}

function namesIn(value: Json): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value === null || typeof value !== 'object') return []
  if (Array.isArray(value)) return value.flatMap(namesIn)
  return [value['symbol'], value['market'], value['series_id'], value['key']]
    .flatMap((name) => (typeof name === 'string' ? [name] : []))
    .concat(
      Object.entries(value).flatMap(([name, member]) =>
        typeof member === 'object' ? [name, ...namesIn(member)] : [],
      ),
    )
}

/** First the times that a single member demands; of several members also those of the set. */
function sourcesOf(members: readonly StoredMember[], { headTimes }: Content): readonly Source[] {
  const oldest = members.reduce<StoredMember | undefined>(
    (earliest, member) => (earliest && earliest.checkedAt <= member.checkedAt ? earliest : member),
    undefined,
  )
  const asOf = Math.min(...members.map((member) => member.asOf))
  const freshUntil = Math.min(...members.map((member) => member.freshUntil))
  const own = oldest
    ? [{ name: `the member ${oldest.key}`, asOf, checkedAt: oldest.checkedAt, freshUntil }]
    : []
  // the set speaks for its members only if one of them was renewed with it
  const isOfSet =
    members.length !== 1 &&
    (members.length === 0 || members.some(({ checkedAt }) => checkedAt >= (headTimes?.checkedAt ?? 0)))
  const set = headTimes && isOfSet ? [{ ...headTimes, name: 'the set' }] : []
  return [
    ...set,
    ...own,
    ...own.flatMap((source) => (headTimes ? [{ ...source, asOf: headTimes.asOf }] : [])),
  ]
}

function metaOf(body: Json): { readonly [name: string]: Json } | undefined {
  const meta = body !== null && typeof body === 'object' && !Array.isArray(body) ? body['meta'] : undefined
  return meta !== null && typeof meta === 'object' && !Array.isArray(meta) ? meta : undefined
}

function label({ target }: RouteResponse, subject: string, expected: string, got: unknown): Finding {
  return { check: 'label', subject, place: target, expected, got: shownValue(got) }
}
