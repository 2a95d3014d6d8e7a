import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { openApiDocument } from '#infra/docs/openapi/document.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import { routeTable } from '#shared/http/routes.ts'
import { unitOf } from '#test/hostile/units/units.ts'
import { type BodyDocument, type BodyMember, membersOf } from '#test/support/contract/members.ts'

const NOW = Date.UTC(2026, 10, 20, 12)

/** A unit in words, with values that the attack accepts of exactly that unit, and values that it rejects. */
interface StatedUnit {
  readonly words: RegExp
  /** Further words for it, which are of other units too. */
  readonly orWords?: RegExp
  readonly accepted: readonly (string | number)[]
  readonly rejected: readonly (string | number)[]
}

const time = { words: /ISO 8601 in UTC/, rejected: [NOW, NOW / 1_000, '2026-11-20', 'word'] }

const UNITS: Readonly<Record<string, StatedUnit>> = {
  'a score': { words: /0 to 100/, orWords: /in percent/, accepted: [0.5, 99.5], rejected: [-0.5, 100.5] },
  'a fraction': { words: /0 to 1(?!\d)/, accepted: [0.05, 0.95], rejected: [-0.05, 1.5] },
  'a time': { ...time, accepted: [isoSeconds(NOW)] },
  'a coming time': { ...time, accepted: [isoSeconds(NOW + DAY_MS / 2)] },
  'Unix seconds': { words: /Unix seconds/, accepted: [NOW / 1_000], rejected: [NOW, 1, 0.5] },
  'a day': { words: /YYYY-MM-DD/, accepted: ['2026-11-20'], rejected: [isoSeconds(NOW), NOW, 'word'] },
  'a decimal text': { words: /a decimal text/, accepted: ['0.05'], rejected: ['xyz', '1e-3', ''] },
  'a decimal text of a sum': {
    words: /a decimal text/,
    accepted: ['3840000000000.5'],
    rejected: ['xyz', '3.84e12', ''],
  },
}

/** The words of all units, each once. */
const WORDS = [...new Map(Object.values(UNITS).map(({ words }) => [String(words), words]))]

const resolved = jobs.map((job) => resolveJob(job, {}))
const jobOfPath = new Map(
  routeTable(resolved).flatMap((row) => ('job' in row && row.job !== undefined ? [[row.path, row.job]] : [])),
)
const document = (await openApiDocument(jobs, '1.2.3')) as BodyDocument
const leaves = membersOf(document, 'datasets').filter(({ isLeaf }) => isLeaf)

/** What the attack expects of a value of a member; `undefined` if it accepts it, and for a member that it does not check. */
function accepts({ name, parent, path }: BodyMember, value: string | number): boolean | undefined {
  const job = jobOfPath.get(path) ?? ''
  const unit = unitOf(name, parent.replace(/(?:\[\]|\{\})$/, ''), job)
  return unit && unit(value, { now: NOW, recentMs: 2 * DAY_MS, job }) === undefined
}

function isOfUnit(member: BodyMember, { accepted, rejected }: StatedUnit): boolean {
  const type = typeof accepted[0]
  return (
    member.types.some((each) => each.replace('integer', 'number') === type) &&
    accepted.every((value) => accepts(member, value)) &&
    rejected.every((value) => accepts(member, value) === false)
  )
}

function isNamed({ about }: BodyMember, { words, orWords = words }: StatedUnit): boolean {
  return words.test(about) || orWords.test(about)
}

describe('the units of the descriptions and those of the attack agree', () => {
  test.each(Object.entries(UNITS))('%s of the attack is described so', (_name, unit) => {
    const members = leaves.filter((member) => isOfUnit(member, unit))

    const others = members.filter((member) => !isNamed(member, unit))

    expect(members.length).toBeGreaterThan(0)
    expect(others.map(({ place, about }) => `${place}: ${about}`)).toEqual([])
  })

  test.each(WORDS)('what is described with %s is so for the attack', (text, words) => {
    const units = Object.values(UNITS).filter((unit) => String(unit.words) === text)
    const members = leaves.filter((member) => words.test(member.about) && accepts(member, 0) !== undefined)

    const others = members.filter((member) => !units.some((unit) => isOfUnit(member, unit)))

    expect(members.length).toBeGreaterThan(0)
    expect(others.map(({ place, about }) => `${place}: ${about}`)).toEqual([])
  })
})
