import type { Json } from '../json.ts'
import type { Content } from '../read-back.ts'
import { isMembers } from '../rules/agreement-rule.ts'
import type { HostileRun } from '../world.ts'
import { type Finding, shownValue } from './finding.ts'

/** Members that depend on when and how often a job ran, and on what each run got, not on its newest run alone. */
const OF_THE_PAST = new Set(
  [
    'fetched_at timestamp cached_at pool_changes open_sessions session_counts history sessions tasks',
    'execution_time duration start_time end_time started_at last_run oldest_cache newest_cache data_source',
    'last_success last_failure signal_changes rejected_count count_of_history',
    'days new_events merged',
    // from when on a value was known: a revision that is taken back is known again
    'seen_on',
    // of the events of 30 days: one that a bent body had is one of them
    'overall_risk geopolitical alerts key_concerns recommendations recent_events notable',
    // the times of the inputs of the macro risk, which may never go back; `risk-findings.ts` has the exact ones
    'data_sources',
  ].flatMap((names) => names.split(' ')),
)

/** Routes whose whole answer is about the past. */
const PAST_VIEWS = new Set(['events', 'history', 'sessions', 'taskStats', 'health'])

/** A response that shows what was stored by the end of a former day. */
const OF_A_DAY = /\?as_of=/

/**
 * Responses whose source time never goes back, not even with a value that is withdrawn (I1): `indicator-findings.ts` has
 * the exact one. That of check-in data is the time of the call that last changed them, and to heal them is a change.
 */
const WITHOUT_TIME = /^GET \/api\/(?:v1\/macro\/(?:indicators|monetary-policy)|projects)/

/** What is readable after the next good run. */
export interface Recovery {
  readonly run: HostileRun
  /** When the good runs began that renew all data; milliseconds since the epoch. */
  readonly renewedSince: number
  readonly content: Content
  /** What is readable at the same time where every run was good, and where the attacked run had no answer at all. */
  readonly controls: readonly Content[]
}

/** The next good run heals everything: the same content as without the attack, nothing degraded, nothing wedged. */
export function healFindings({ run, renewedSince, content, controls }: Recovery): readonly Finding[] {
  const { record, store } = run
  const state = store.memory.states.get(record.job)
  const isSuccess = record.status === 'succeeded' || record.status === 'unchanged'
  return [
    ...(isSuccess
      ? []
      : [heal('outcome', record.job, 'succeeded', `${record.status} ${record.reason}: ${record.message}`)]),
    ...(state?.lease === undefined ? [] : [heal('lease', record.job, 'no lease', state.lease)]),
    ...(state?.consecutiveFailures === 0
      ? []
      : [heal('failures', record.job, '0', state?.consecutiveFailures)]),
    ...contentFindings(content, controls),
    ...notRenewed(renewedSince, content, controls),
  ]
}

function contentFindings(content: Content, controls: readonly Content[]): readonly Finding[] {
  const expected = controls.map(leavesOf)
  const actual = leavesOf(content)
  const names = new Set([...actual.keys(), ...(expected[0]?.keys() ?? [])])
  const [different] = [...names].filter(
    (name) => !expected.some((leaves) => leaves.get(name) === actual.get(name)),
  )
  if (different === undefined) return []
  const [place = '', ...path] = different.split('|')
  return [
    heal(
      subjectOf(path.join('|')),
      `${place} ${path.join('.')}`,
      expected[0]?.get(different) ?? 'nothing',
      actual.get(different) ?? 'nothing',
    ),
  ]
}

function subjectOf(path: string): string {
  return path.split('.').at(-1)?.replace(/\d+/g, '#') ?? path
}

/** Members that were not renewed although each of the controls renewed them. */
function notRenewed(
  renewedSince: number,
  content: Content,
  controls: readonly Content[],
): readonly Finding[] {
  const renewed = ({ members }: Content, key: string) =>
    (members.get(key)?.checkedAt ?? Number.NEGATIVE_INFINITY) >= renewedSince
  const old = [...content.members.values()].find(
    ({ key }) => !renewed(content, key) && controls.every((control) => renewed(control, key)),
  )
  return old
    ? [heal('renewal', old.key, 'a member that the good run renewed', new Date(old.checkedAt).toISOString())]
    : []
}

/** Every comparable leaf, by place and path. */
function leavesOf({ members, head, headTimes, responses }: Content): ReadonlyMap<string, string> {
  const leaves = new Map<string, string>()
  for (const [key, { data, degraded }] of members) addLeaves(leaves, `stored ${key}|`, { data, degraded })
  addLeaves(leaves, 'head|', { head, degraded: headTimes?.degraded ?? false })
  for (const { target, route, status, body } of responses) {
    if (PAST_VIEWS.has(route.view ?? '') || OF_A_DAY.test(target)) continue
    addLeaves(leaves, `${target}|`, { status, body: WITHOUT_TIME.test(target) ? withoutTime(body) : body })
  }
  return leaves
}

function withoutTime(body: Json): Json {
  if (!isMembers(body) || !isMembers(body['meta'])) return body
  const { as_of: _, ...meta } = body['meta']
  return { ...body, meta }
}

function addLeaves(leaves: Map<string, string>, path: string, value: Json): void {
  if (value === null || typeof value !== 'object') {
    leaves.set(path, shownValue(value))
    return
  }
  for (const [name, member] of Object.entries(value)) {
    if (OF_THE_PAST.has(name)) continue
    addLeaves(leaves, `${path}.${name}`, name === 'as_of' ? minuteOf(member) : member)
  }
}

/** Where the source has no times, `as_of` is the time of a call: after a failure, calls come in another order. */
function minuteOf(time: Json): Json {
  return typeof time === 'string' ? time.slice(0, 16) : time
}

function heal(subject: string, place: string, expected: string, got: unknown): Finding {
  const text = typeof got === 'string' ? got : shownValue(got)
  return { check: 'heal', subject, place, expected, got: text }
}
