import { jobs } from '#functions/jobs/declared.ts'
import { type JobDeclaration, possibleUpstreams, resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import type { Params } from '#shared/domain/json.ts'
import { ATTACK_SETTINGS, settingsOf } from './attack-settings.ts'

/** One way in which a job is attacked. */
export interface Profile {
  /** `funding-rates/bybit` */
  readonly name: string
  readonly declaration: JobDeclaration
  readonly settings: SettingTexts
  /** Providers that answer 503 throughout, so that a fallback answers. */
  readonly down: readonly string[]
  /** How the attacked run is requested; by the schedule by default. */
  readonly request?: AttackedRequest
  /** Number of rows in the lists of providers; about a dozen by default. */
  readonly rows?: number
}

/** A run of one key, or a task with other parameters. */
export type AttackedRequest = { readonly kind: 'key' } | { readonly kind: 'params'; readonly params: Params }

/** So many that one row is less than two percent of a list. */
const WIDE_ROWS = 70

/**
 * The profiles of a job: as declared, with each of its other providers as the one that answers, with other settings, with
 * each parameter of its tasks, as a run of one key, and, of a set, with longer lists. A job has none if it is off under
 * its settings in the attack.
 */
export function profilesOf(declaration: JobDeclaration): readonly Profile[] {
  const [first, ...others] = providerProfiles(declaration)
  return first ? [first, ...others, ...requestProfiles(first)] : []
}

function requestProfiles(base: Profile): readonly Profile[] {
  const { stored, params } = resolveJob(base.declaration, base.settings)
  const flags = Object.keys(params).filter((name) => params[name] === false)
  const byParams = flags.map((name) => {
    const request = { kind: 'params', params: { ...params, [name]: true } } as const
    return { ...base, name: `${base.name}/${name}`, request }
  })
  if (stored === 'snapshot') return [...byParams, { ...base, name: `${base.name}/wide`, rows: WIDE_ROWS }]
  if (ATTACK_SETTINGS[base.declaration.id]?.isWhole) return byParams
  return [...byParams, { ...base, name: `${base.name}/key`, request: { kind: 'key' } }]
}

function providerProfiles(declaration: JobDeclaration): readonly Profile[] {
  const { id, spec } = declaration
  if (!isAttackable(declaration)) return []
  const settings = settingsOf(id)
  const base = { declaration, settings, down: [] }
  const job = resolveJob(declaration, settings)
  if (job.off !== undefined) return []
  if ('EXCHANGES' in spec.settings) {
    const venues = job.settings['EXCHANGES'] as readonly string[]
    return venues.map((venue, index) => ({
      ...base,
      name: index === 0 ? id : `${id}/${venue}`,
      settings: { ...settings, EXCHANGES: index === 0 ? venues.join(',') : venue },
    }))
  }
  const others = job.upstreams.slice(1).map((name, index) => ({
    ...base,
    name: `${id}/${name}`,
    down: job.upstreams.slice(0, index + 1),
  }))
  const more = Object.entries(ATTACK_SETTINGS[id]?.profiles ?? {}).map(([name, own]) => ({
    ...base,
    name: `${id}/${name}`,
    settings: { ...settings, ...own },
  }))
  return [{ ...base, name: id }, ...others, ...more]
}

/** Whether an answer of a provider gets into the data of a job: one without providers and inputs cannot be attacked. */
export function isAttackable({ spec }: Pick<JobDeclaration, 'spec'>): boolean {
  return possibleUpstreams(spec).length > 0 || (spec.inputs ?? []).length > 0
}

/** The declaration of a job by its id. */
export function declarationOf(id: string): JobDeclaration {
  const declaration = jobs.find((candidate) => candidate.id === id)
  if (!declaration) throw new TypeError(`expected a registered job, got ${id}`)
  return declaration
}
