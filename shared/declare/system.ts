import { defined } from '#shared/domain/defined.ts'
import { shown } from '#shared/domain/text.ts'
import { type Job, type JobDeclaration, resolveJob, storesRecords } from './job.ts'
import {
  changedSettings,
  type Setting,
  type SettingFault,
  SettingsError,
  type SettingTexts,
} from './settings.ts'
import { baseUrlSetting, resolveUpstream, type Upstream, type UpstreamDeclaration } from './upstream.ts'
import { DeclarationError } from './validation.ts'

/** All declared jobs and upstreams: the input of infra, of the local run and of the generated documents. */
export interface Declarations {
  readonly jobs: readonly JobDeclaration[]
  readonly upstreams: readonly UpstreamDeclaration[]
}

/** All jobs and upstreams with their settings applied. */
export interface System {
  readonly jobs: readonly Job[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** The settings that differ from their defaults, by job: its own and those of its upstreams. */
  readonly changed: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** One line of the settings reference. */
export interface NamedSetting {
  readonly name: string
  readonly owner: string
  readonly setting: Pick<Setting<unknown>, 'fallback' | 'rule' | 'about'>
}

/** All settings of all jobs and upstreams, including the overrides of base URLs. */
export function namedSettings({ jobs, upstreams }: Declarations): NamedSetting[] {
  const own = [
    ...upstreams.map(({ name, settings }) => ({ owner: name, settings })),
    ...jobs.map(({ id, settings }) => ({ owner: id, settings })),
  ].flatMap(({ owner, settings }) =>
    Object.entries(settings).map(([name, setting]) => ({ name, owner, setting })),
  )
  const urls = upstreams.map(({ name, spec }) => ({
    name: baseUrlSetting(name),
    owner: name,
    setting: {
      fallback: undefined,
      rule: 'comma separated, https: unless loopback',
      about: `base URLs of ${spec.title} in order of preference, in place of the declared ones`,
    },
  }))
  return [...withoutDuplicates(own), ...urls]
}

/** Several jobs may share one setting object: it is listed once, under the first of them. */
function withoutDuplicates(settings: readonly NamedSetting[]): NamedSetting[] {
  return settings.filter(
    ({ name, setting }, index) =>
      settings.findIndex((other) => other.name === name && other.setting === setting) === index,
  )
}

/**
 * Applies a configuration to all declarations.
 *
 * @param texts - settings as text; unknown names are errors
 * @throws {SettingsError} naming every illegal and every unknown setting
 * @throws {DeclarationError} for duplicate job ids, trigger names, upstreams, paths or settings, an unknown upstream or
 *   input, and a cycle of inputs
 */
export function resolveSystem(declarations: Declarations, texts: SettingTexts): System {
  const settingNames = namedSettings(declarations).map(({ name }) => name)
  checkUniqueNames(declarations, settingNames)
  const { jobs, upstreams } = resolveAll(declarations, texts, settingNames)
  checkUniquePaths(jobs)
  checkAliasJobs(jobs)
  checkInputs(jobs)
  refuseCycles(jobs)
  return {
    jobs,
    upstreams: new Map(upstreams.map((upstream) => [upstream.name, upstream])),
    changed: new Map(jobs.map((job) => [job.id, changedForJob(job, declarations, texts)])),
  }
}

function checkUniqueNames({ jobs, upstreams }: Declarations, settingNames: readonly string[]): void {
  refuseDuplicates('setting', settingNames)
  refuseDuplicates(
    'job',
    jobs.map(({ id }) => id),
  )
  refuseDuplicates('trigger name', jobs.flatMap(triggerNamesOf))
  refuseDuplicates(
    'upstream',
    upstreams.map(({ name }) => name),
  )
}

/** A path is declared once a method, whatever serves it: the router would never reach the second one. */
function checkUniquePaths(jobs: readonly Job[]): void {
  refuseDuplicates(
    'path',
    jobs.flatMap(({ reads, submits, aliases }) =>
      [...reads, ...submits, ...aliases].map(
        ({ method = 'GET', path }) => `${method} ${path.replaceAll(/\{[a-z_]+\}/g, '{}')}`,
      ),
    ),
  )
}

/** The jobs that an alias names store items. */
function checkAliasJobs(jobs: readonly Job[]): void {
  for (const { id, aliases } of jobs) {
    for (const name of aliases.flatMap((alias) => ('jobs' in alias ? alias.jobs : []))) {
      const job = jobs.find((candidate) => candidate.id === name)
      if (job?.stored === 'items') continue
      const got = job ? `${name}, stored as ${job.stored}` : `the unknown ${name}`
      throw new DeclarationError(`job "${id}".aliases: expected jobs that store items, got ${got}`)
    }
  }
}

/** Resolves every declaration, so that one error reports all illegal settings. */
function resolveAll(declarations: Declarations, texts: SettingTexts, settingNames: readonly string[]) {
  const faults: SettingFault[] = Object.keys(texts)
    .filter((name) => !settingNames.includes(name))
    .map((name) => ({ name, message: 'no job or upstream has a setting of this name' }))
  const collectFaults = <T>(resolve: () => T): T[] => {
    try {
      return [resolve()]
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      faults.push(...error.faults)
      return []
    }
  }
  const upstreams = declarations.upstreams.flatMap((upstream) =>
    collectFaults(() => resolveUpstream(upstream, texts)),
  )
  const jobs = declarations.jobs.flatMap((job) => collectFaults(() => resolveJob(job, texts)))
  // a setting that several jobs share is wrong once
  const each = [...new Map(faults.map((fault) => [`${fault.name}: ${fault.message}`, fault])).values()]
  if (each.length > 0) throw new SettingsError(each)
  return { jobs, upstreams }
}

function changedForJob(
  { id, upstreams: upstreamNames }: Job,
  { jobs, upstreams }: Declarations,
  texts: SettingTexts,
): Record<string, string> {
  const own = jobs.find((job) => job.id === id)
  const used = upstreamNames.map((name) => {
    const upstream = upstreams.find((declared) => declared.name === name)
    if (upstream) return upstream
    const legal = upstreams.map((declared) => declared.name).join(', ')
    throw new DeclarationError(`job "${id}".upstream: expected one of ${legal}, got ${shown(name)}`)
  })
  const baseUrls = Object.fromEntries(
    used.map(({ name }) => [baseUrlSetting(name), texts[baseUrlSetting(name)]]),
  )
  return {
    ...changedSettings(own?.settings ?? {}, texts),
    ...Object.assign({}, ...used.map(({ settings }) => changedSettings(settings, texts))),
    ...defined(baseUrls),
  }
}

/** An input, also one of views, is another job, and stores what the declaration says. */
function checkInputs(jobs: readonly Job[]): void {
  for (const { id, inputs, itemInputs, viewInputs } of jobs) {
    for (const input of [...inputs, ...viewInputs]) {
      const job = jobs.find((candidate) => candidate.id === input)
      const expected = [...itemInputs, ...viewInputs].includes(input) ? 'items' : 'snapshot'
      const isReadable = expected === 'snapshot' || (job !== undefined && storesRecords(job))
      if (job?.stored === expected && input !== id && isReadable) continue
      const got = job ? `${input}, stored as ${job.stored}` : `the unknown ${input}`
      const form = expected === 'items' ? 'items, with a view for each of its reads' : 'a snapshot'
      const member = inputs.includes(input) ? 'inputs' : 'viewInputs'
      throw new DeclarationError(
        `job "${id}".${member}: expected another job that stores ${form}, got ${got}`,
      )
    }
  }
}

/** Jobs in a cycle of inputs would wait for each other's first data, or trigger each other without end. */
function refuseCycles(jobs: readonly Job[]): void {
  const inputsOf = new Map(jobs.map(({ id, inputs }) => [id, inputs]))
  const visited = new Set<string>()
  const visit = (id: string, path: readonly string[]) => {
    if (path.includes(id)) {
      const cycle = [...path.slice(path.indexOf(id)), id].join(' <- ')
      throw new DeclarationError(`job "${id}".inputs: expected no cycle, got ${cycle}`)
    }
    if (visited.has(id)) return
    for (const input of inputsOf.get(id) ?? []) visit(input, [...path, id])
    visited.add(id)
  }
  for (const { id } of jobs) visit(id, [])
}

/** Every name under which operators may trigger a job. */
function triggerNamesOf({ id, spec }: JobDeclaration): string[] {
  return [...new Set([id, id.replaceAll('-', '_'), ...(spec.triggerNames ?? [])])]
}

function refuseDuplicates(kind: string, names: readonly string[]): void {
  const duplicate = names.find((name, index) => names.indexOf(name) !== index)
  if (duplicate !== undefined)
    throw new DeclarationError(`expected each ${kind} to be declared once, got ${duplicate} twice`)
}
