import { excerpt } from '#shared/domain/redaction.ts'
import type { AttackFinding } from './attack.ts'

const MAX_LINE_LENGTH = 1_000

/** The result of the attack on one profile. */
export interface ProfileReport {
  readonly profile: string
  readonly attacks: number
  readonly findings: readonly AttackFinding[]
  readonly durationMs: number
}

/** One line of a profile: number of attacks and findings, and time. */
export function summaryLine({ profile, attacks, findings, durationMs }: ProfileReport): string {
  return `${profile}: ${attacks} attacks, ${findings.length} findings, ${(durationMs / 1_000).toFixed(1)} s`
}

/** One line of a finding, with everything that a replay needs: `job|call|path|mutation: check subject, place, expected, got`. */
export function findingLine(
  profile: string,
  { attack, check, subject, place, expected, got }: AttackFinding,
): string {
  const line = `${profile}|${attack}: ${check} (${subject}) at ${place}: expected ${expected}; got ${got}`
  return excerpt(line, MAX_LINE_LENGTH)
}

/** For each kind of finding its number and its first line, the most frequent first. */
export function kindLines({ profile, findings }: ProfileReport): readonly string[] {
  const kinds = Map.groupBy(findings, ({ check, subject }) => `${check} (${subject})`)
  return [...kinds.values()]
    .toSorted((a, b) => b.length - a.length)
    .flatMap((group) => (group[0] ? [`${group.length} x ${findingLine(profile, group[0])}`] : []))
}
