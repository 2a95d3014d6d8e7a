import { runsOfCycleOf } from '../attack-settings.ts'
import type { Json } from '../json.ts'
import type { Content, StoredMember } from '../read-back.ts'
import { isMembers, type Members, rowNameOf } from '../rules/agreement-rule.ts'
import type { HostileRun } from '../world.ts'
import { isListed } from './check-in-findings.ts'
import { type Finding, shownValue } from './finding.ts'

/** Log fields in which a run counts what it did not renew. */
const COUNTED = /failed|lost|missing|rejected|carried|dropped|kept/

/** A run with bent bodies, between what was readable before and what is readable after it. */
export interface Step {
  readonly run: HostileRun
  /** Whether it is the first one of the attack: a second one may agree with it. */
  readonly isFirst: boolean
  readonly before: Content
  readonly after: Content
  /** The same run with good bodies. */
  readonly control: Content
  readonly controlRun: HostileRun
}

/** What was readable and is gone without being counted, and outcomes that deny what a run kept back. */
export function lossFindings(step: Step): readonly Finding[] {
  return [
    ...lostFindings(step),
    ...outcomeFindings(step),
    ...renewalFindings(step),
    ...degradedFindings(step),
  ]
}

/** Members and rows that were readable and are gone: the run must not claim success, or must count each of them. */
function lostFindings({ run, before, after, control, controlRun }: Step): readonly Finding[] {
  const kept = namesOf(after)
  const expected = namesOf(control)
  const gone = [...namesOf(before)].filter((name) => !kept.has(name))
  // a run that counts every row that its source no longer has, counts those that a good run drops too
  const countsAll = lineOf(run)?.['dropped_count'] !== undefined
  const lost = countsAll ? gone : gone.filter((name) => expected.has(name))
  // another provider has other members: a set is never made of two of them
  const isOfOther = before.headTimes?.source !== after.headTimes?.source
  if (lost.length === 0 || isOfOther || !isSuccess(run)) return []
  const counted = countedBy(run) - (countsAll ? 0 : countedBy(controlRun))
  if (counted >= lost.length) return []
  return [
    {
      check: 'lost',
      subject: lost.some((name) => !name.includes('/')) ? 'member' : 'row',
      place: lost.slice(0, 3).join(', '),
      expected: `${lost.length} counted as failed or lost, or kept with their own times`,
      got: `${run.record.status}, ${counted} counted`,
    },
  ]
}

/** A run that renewed less than a good one is partial or failed, unless the source itself was older. */
function outcomeFindings({ run, isFirst, before, after, control }: Step): readonly Finding[] {
  if (!isSuccess(run)) return []
  // what a later run of a cycle renews depends on the runs before it
  if (!isFirst && runsOfCycleOf(after.job) > 1) return []
  const keptBack = [...after.members.values()].filter(({ key, checkedAt }) => {
    const renewed = (control.members.get(key)?.checkedAt ?? 0) >= run.startedAt
    return renewed && isListed(key, after) && before.members.has(key) && checkedAt < run.startedAt
  })
  // of those that are unchanged, some were renewed with the same content
  const confirmed = [...after.members.values()].filter(
    ({ key, checkedAt, fetchedAt }) =>
      checkedAt >= run.startedAt && fetchedAt === before.members.get(key)?.fetchedAt,
  )
  const { unchanged = 0 } = run.record.counts ?? {}
  if (keptBack.length === 0 || unchanged - confirmed.length >= keptBack.length) return []
  return [
    {
      check: 'outcome',
      subject: 'kept back',
      place: keptBack
        .slice(0, 3)
        .map(({ key }) => key)
        .join(', '),
      expected: `partial or failed: ${keptBack.length} members were not renewed`,
      got: `${run.record.status} ${shownValue(run.record.counts)}`,
    },
  ]
}

/**
 * A value that is the old one, where the source has another, has its old times, unless the run counts it as unchanged: the
 * source itself was older.
 */
function renewalFindings({ run, before, after, control }: Step): readonly Finding[] {
  const { unchanged = 0 } = run.record.counts ?? {}
  const confirmed = [...after.members.values()].filter((member) => {
    const old = before.members.get(member.key)
    const good = control.members.get(member.key)
    // a derived value was computed again: only its source times are old
    if (!old || !good || run.isDerived || run.record.status === 'unchanged') return false
    const isOld = sameData(old, member) && !sameData(good, member) && old.asOf === member.asOf
    return isOld && member.checkedAt !== old.checkedAt
  })
  const wrong = confirmed.length > unchanged ? confirmed[0] : undefined
  const older = [...after.members.values()].find(({ key, asOf, checkedAt }) => {
    const old = before.members.get(key)
    return old !== undefined && (asOf < old.asOf || checkedAt < old.checkedAt)
  })
  return [
    ...(wrong ? [renewal(wrong, 'the check time of the old value')] : []),
    ...(older ? [renewal(older, 'times that never go back')] : []),
  ]
}

function renewal({ key, asOf, checkedAt }: StoredMember, expected: string): Finding {
  return { check: 'renewal', subject: 'times', place: key, expected, got: shownValue({ asOf, checkedAt }) }
}

/** Values that are unknown although the good run has them: the member is degraded. */
function degradedFindings({ after, control }: Step): readonly Finding[] {
  const optional = [...OPTIONAL, ...(OPTIONAL_OF[after.job] ?? [])]
  return [...after.members.values()].flatMap((member): Finding[] => {
    const good = control.members.get(member.key)
    if (!good || good.degraded || member.degraded) return []
    const [name] = nullNames(member.data, good.data).filter((each) => !optional.includes(each))
    if (name === undefined) return []
    return [
      {
        check: 'degraded',
        subject: name,
        place: `stored ${member.key}`,
        expected: 'degraded: true',
        got: `null and degraded: false`,
      },
    ]
  })
}

/** Members that may be unknown for other reasons than a missing value. */
const OPTIONAL = [
  'direction',
  'note',
  'rank',
  'last_cross_direction',
  'last_cross_time',
  'candle_pattern',
  'volume_confirmation',
  'sector',
  'industry',
  'beta',
  // without a reference in its period; `indicator-findings.ts` has the exact ones
  ...['change_1m', 'change_3m', 'change_1y', 'reference_date_1m', 'reference_date_3m', 'reference_date_1y'],
]

/** Members of a job that only some bodies of its provider have. */
const OPTIONAL_OF: Readonly<Record<string, readonly string[]>> = {
  // a list need not have the number of check-ins, a project no text, image or end
  'check-in-projects': [
    'description',
    'end_date',
    'cover_image',
    'total_checkins',
    'continuous_days',
    'rules',
    'created_at',
  ],
  // members without an alias or an image, and an owner without a rank
  'check-in-leaderboards': ['name', 'alias', 'avatar', 'user_rank'],
  // a topic is a text, an image, or both
  'check-in-topics': ['title', 'content', 'name', 'avatar'],
}

/**
 * Reasons of a record for values that the provider says it does not have, and for scores without them. A member that it
 * should have sent, and that is absent or cannot be read, is one of `contradiction-tables.ts`.
 */
const OF_THE_SOURCE =
  /^(?:no value|not positive|no_fundamentals|no inputs|needs 2 groups|needs 60 % of the weight)$/

/** Without members there is no figure per member. */
function isPerNoMember(name: string, { total_members: members }: Members): boolean {
  return members === 0 && ['avg_checkins_per_member', 'completion_rate'].includes(name)
}

function nullNames(value: Json, good: Json, reasons: Members = {}): readonly string[] {
  if (Array.isArray(value) && Array.isArray(good)) {
    const rows = new Map(good.map((row) => [rowNameOf(row), row]))
    return value.flatMap((row) => {
      const name = rowNameOf(row)
      return name === undefined ? [] : nullNames(row, rows.get(name) ?? null)
    })
  }
  if (!isMembers(value) || !isMembers(good)) return []
  const own = isMembers(value['reasons']) ? value['reasons'] : reasons
  return Object.entries(value).flatMap(([name, member]) => {
    const counterpart = good[name] ?? null
    const isOfSource = OF_THE_SOURCE.test(String(own[name])) || isPerNoMember(name, value)
    if (member === null && counterpart !== null && !isOfSource) return [name]
    return nullNames(member, counterpart, own)
  })
}

/** Names of all members, and of the rows of the lists in them: `spot`, `spot/BTCUSDT`. */
export function namesOf({ members }: Content): ReadonlySet<string> {
  return new Set(
    [...members.values()].flatMap(({ key, data }) => [key, ...rowNames(data).map((row) => `${key}/${row}`)]),
  )
}

function rowNames(value: Json): readonly string[] {
  if (value === null || typeof value !== 'object') return []
  if (!Array.isArray(value)) return Object.values(value).flatMap(rowNames)
  return value.flatMap((row) => rowNameOf(row) ?? [])
}

/** Whether a run claims that everything was renewed or confirmed. */
export function isSuccess({ record }: HostileRun): boolean {
  return record.status === 'succeeded' || record.status === 'unchanged'
}

/** The log line of a run. */
function lineOf({ record, lines }: HostileRun): HostileRun['lines'][number] | undefined {
  return lines.find((candidate) => candidate['run_id'] === record.id && 'outcome' in candidate)
}

/** The sum of everything that a run counted as not renewed, in its record and its log lines. */
function countedBy(run: HostileRun): number {
  const fields = Object.entries(lineOf(run) ?? {}).filter(([name]) => COUNTED.test(name))
  return fields.reduce((sum, [, value]) => sum + (typeof value === 'number' ? value : 0), 0)
}

function sameData(a: StoredMember, b: StoredMember): boolean {
  return JSON.stringify(a.data) === JSON.stringify(b.data)
}
