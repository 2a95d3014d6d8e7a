import type { Json } from '../json.ts'
import type { Content, StoredRow } from '../read-back.ts'
import { agreementFindings } from '../rules/agreement.ts'
import { isMembers } from '../rules/agreement-rule.ts'
import { CHECK_IN_KEY } from '../units/check-in-units.ts'
import { type Moment, symbol } from '../units/unit.ts'
import { MAP_KEYS, unitOf } from '../units/units.ts'
import { checkInFindings } from './check-in-findings.ts'
import { type Finding, shownValue } from './finding.ts'
import { indicatorFindings } from './indicator-findings.ts'
import { inputFindings } from './record-findings.ts'
import { riskFindings } from './risk-findings.ts'

/** Everything readable that is out of the oracle's bounds, or that contradicts itself. */
export function oracleFindings(content: Content): readonly Finding[] {
  const { members, head, history, responses } = content
  const moment = { now: content.at, recentMs: content.recentMs, job: content.job }
  const judged = [
    ...[...members].map(([key, { data }]) => ({ place: `stored ${key}`, value: data })),
    ...(head === null ? [] : [{ place: 'stored head', value: head }]),
    ...responses
      .filter(({ status }) => status === 200)
      .map(({ target, body }) => ({ place: target, value: body })),
  ]
  const keys = [...members.keys()].flatMap((key) => keyFinding(key, moment))
  const errors = responses.flatMap(({ target, status }): Finding[] =>
    status < 500 || status === 503
      ? []
      : [
          {
            check: 'throw',
            subject: 'status',
            place: target,
            expected: 'no server error',
            got: String(status),
          },
        ],
  )
  return [
    ...keys,
    ...errors,
    ...inputFindings(content),
    ...indicatorFindings(content),
    ...riskFindings(content),
    ...checkInFindings(content),
    ...judged.flatMap(({ place, value }) => valueFindings(value, place, moment)),
    ...history.flatMap((row) => rowFindings(row, moment)),
  ]
}

function valueFindings(value: Json, place: string, moment: Moment): readonly Finding[] {
  return [...boundsFindings(value, place, moment), ...agreementFindings(value, place)]
}

/** Rows of history without a finding: rows are replaced, never changed, so that each is checked once. */
const checkedRows = new WeakSet<object>()

function rowFindings({ kind, entity, data }: StoredRow, moment: Moment): readonly Finding[] {
  if (isMembers(data) && checkedRows.has(data)) return []
  const findings = valueFindings(data, `stored ${kind} ${entity}`, moment)
  if (isMembers(data) && findings.length === 0) checkedRows.add(data)
  return findings
}

function keyFinding(key: string, moment: Moment): readonly Finding[] {
  const unit = moment.job.startsWith('check-in-') ? CHECK_IN_KEY : symbol
  const expected = unit(key, moment)
  return expected === undefined
    ? []
    : [{ check: 'bounds', subject: 'key', place: 'stored', expected, got: shownValue(key) }]
}

/** The parent of a row: an object in a list is no map, whatever the list is called. */
const LIST = '[]'

/** Checks each leaf of a value by its own name, a leaf of a list or of a map by the name of the list or map. */
function boundsFindings(
  value: Json,
  place: string,
  moment: Moment,
  name = 'root',
  parent = '',
): readonly Finding[] {
  if (Array.isArray(value)) return value.flatMap((row) => boundsFindings(row, place, moment, name, LIST))
  if (value !== null && typeof value === 'object') {
    const keyUnit = parent === LIST ? undefined : MAP_KEYS[name]
    if (keyUnit === undefined || parent.endsWith('{}')) {
      return Object.entries(value).flatMap(([member, inner]) =>
        boundsFindings(inner, place, moment, member, name),
      )
    }
    return Object.entries(value).flatMap(([key, inner]) => [
      ...leafFinding(key, place, moment, `key of ${name}`, keyUnit),
      ...boundsFindings(inner, place, moment, name, `${name}{}`),
    ])
  }
  const unit = unitOf(name, parent, moment.job)
  if (unit) return leafFinding(value, place, moment, name, unit)
  if (value === null && name !== 'root') return []
  const expected = `add the unit of ${name} in test/hostile/units/`
  return [{ check: 'bounds', subject: `unit of ${name}`, place, expected, got: shownValue(value) }]
}

function leafFinding(
  value: Json,
  place: string,
  moment: Moment,
  subject: string,
  unit: NonNullable<ReturnType<typeof unitOf>>,
): readonly Finding[] {
  const expected = unit(value, moment)
  return expected === undefined ? [] : [{ check: 'bounds', subject, place, expected, got: shownValue(value) }]
}
