import { appendFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { Attacker } from './attack.ts'
import { sampleShareOf } from './attack-settings.ts'
import { type Attack, attackOf, attacksOf, mutationsOf, sampleOf } from './mutations/mutations.ts'
import { ALL_ATTACKS, hostileOptions, SAMPLE } from './options.ts'
import { isAttackable, type Profile, profilesOf } from './profiles.ts'
import { findingLine, kindLines, type ProfileReport, summaryLine } from './report.ts'

const options = hostileOptions(process.env, Date.now())
const { seed, all, job: only, report: file } = options
const HOUR_MS = 3_600_000

process.stdout.write(`HOSTILE_SEED=${seed}\n`)

/** Jobs with an attack of their own, beside this one: a model is asked only when the figures have changed. */
const ATTACKED_APART = ['ai-summaries']

/** Jobs that run only with settings of an operator, and that have none in `attack-settings.ts`. */
const withoutSettings = jobs
  .filter(isAttackable)
  .flatMap((declaration) => (profilesOf(declaration).length === 0 ? [declaration.id] : []))

/** Number of files of tests, which share the profiles: each is a process. */
const PARTS = 2

const profiles = jobs
  .flatMap((declaration) =>
    profilesOf(declaration).map((profile, index) => ({ profile, name: profile.name, index })),
  )
  .filter(({ name }) => options.only === undefined || name === only)
  .filter(({ name }) => only === undefined || name.startsWith(only))

/** Declares the tests of one part of the profiles of all jobs: every second one. */
export function attackPart(part: 0 | 1): void {
  describe('whatever a provider answers', () => {
    test('no job of the registry lacks the settings that switch it on', () => {
      expect(withoutSettings.filter((id) => !ATTACKED_APART.includes(id))).toEqual([])
    })

    test.each(profiles.filter((_, index) => index % PARTS === part))(
      '$name publishes nothing out of bounds, loses nothing uncounted, labels the truth and heals (F76, F77, F78, F79, F82)',
      { timeout: HOUR_MS },
      async ({ profile, index }) => {
        const result = await attackProfile(profile, index === 0)

        process.stdout.write(`${summaryLine(result)}\n`)
        const lines = result.findings.map((finding) => findingLine(result.profile, finding))
        if (file !== undefined && lines.length > 0) appendFileSync(file, `${lines.join('\n')}\n`)
        expect(kindLines(result)).toEqual([])
      },
    )
  })
}

async function attackProfile(profile: Profile, isFirst: boolean): Promise<ProfileReport> {
  const startedAt = performance.now()
  const attacker = await Attacker.open(profile)
  const attacks = chosenAttacks(profile.declaration.id, attacker, isFirst)
  const findings = []
  for (const attack of attacks) findings.push(...(await attacker.attack(attack)))
  return {
    profile: profile.name,
    attacks: attacks.length,
    findings,
    durationMs: performance.now() - startedAt,
  }
}

function chosenAttacks(job: string, { responses }: Attacker, isFirst: boolean): readonly Attack[] {
  const mutations = mutationsOf(responses)
  if (options.only !== undefined) return [attackOf(options.only, mutations)]
  const attacks = attacksOf(mutations, seed, ALL_ATTACKS.first)
  if (all && isFirst) return attacks
  if (all) return sampleOf(attacks, seed, ALL_ATTACKS.other)
  return sampleOf(attacks, seed, Math.ceil(sampleShareOf(job) * (isFirst ? SAMPLE.first : SAMPLE.other)))
}
