import { type Job, type JobDeclaration, resolveJob } from './job.ts'
import { changedSettings, type Setting, SettingsError, type SettingTexts } from './settings.ts'
import { baseUrlSetting, resolveUpstream, type Upstream, type UpstreamDeclaration } from './upstream.ts'

/** All that is declared: what infra, the local run and the documents are made from. */
export interface Declarations {
  readonly jobs: readonly JobDeclaration[]
  readonly upstreams: readonly UpstreamDeclaration[]
}

/** All that is declared, with settings applied. */
export interface System {
  readonly jobs: readonly Job[]
  readonly upstreams: ReadonlyMap<string, Upstream>
  /** What differs from the defaults, per job: its own settings and its upstream's. */
  readonly changed: ReadonlyMap<string, Readonly<Record<string, string>>>
}

/** One line of the settings reference. */
export interface NamedSetting {
  readonly name: string
  readonly owner: string
  readonly setting: Pick<Setting<unknown>, 'kind' | 'fallback' | 'rule' | 'about'>
}

/** Every setting of every job and upstream, by name; base URL overrides included. */
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
      kind: 'base URLs',
      fallback: undefined,
      rule: 'comma separated, https: unless loopback',
      about: `base URLs of ${spec.title}, in order, in place of its own`,
    },
  }))
  return [...withoutDuplicates(own), ...urls]
}

/** Jobs that belong together may share a setting: it is one, and belongs to the first of them. */
function withoutDuplicates(settings: readonly NamedSetting[]): NamedSetting[] {
  return settings.filter(
    ({ name, setting }, index) =>
      settings.findIndex((one) => one.name === name && one.setting === setting) === index,
  )
}

/**
 * Applies a configuration to all declarations at once.
 *
 * @param given - settings as written; a name that nothing declares is an error
 * @throws {SettingsError} naming every illegal and every unknown setting
 * @throws {TypeError} for two jobs of one id, two routes of one path, two settings of one name, an unknown upstream or
 *   input, inputs in a circle
 */
export function resolveSystem(declarations: Declarations, given: SettingTexts): System {
  const settings = namedSettings(declarations)
  refuseDuplicates(
    'setting',
    settings.map(({ name }) => name),
  )
  refuseDuplicates(
    'job',
    declarations.jobs.map(({ id }) => id),
  )
  refuseDuplicates('trigger name', declarations.jobs.flatMap(triggerNamesOf))
  refuseDuplicates(
    'upstream',
    declarations.upstreams.map(({ name }) => name),
  )
  refuseDuplicates(
    'path',
    declarations.jobs.flatMap(({ spec }) =>
      spec.reads.map(({ path }) => path.replaceAll(/\{[a-z_]+\}/g, '{}')),
    ),
  )

  const known = new Set(settings.map(({ name }) => name))
  const unknown = Object.keys(given).filter((name) => !known.has(name))
  const faults = unknown.map((name) => ({ name, message: 'no job or upstream has a setting of this name' }))
  const collect = <T>(resolve: () => T): T[] => {
    try {
      return [resolve()]
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error
      faults.push(...error.faults)
      return []
    }
  }
  const upstreams = declarations.upstreams.flatMap((declared) =>
    collect(() => resolveUpstream(declared, given)),
  )
  const jobs = declarations.jobs.flatMap((declared) => collect(() => resolveJob(declared, given)))
  if (faults.length > 0) throw new SettingsError(faults)
  expectInputs(jobs)
  refuseCycles(jobs)

  return {
    jobs,
    upstreams: new Map(upstreams.map((upstream) => [upstream.name, upstream])),
    changed: new Map(jobs.map((job) => [job.id, changedFor(job, declarations, given)])),
  }
}

function changedFor({ id, upstreams }: Job, { jobs, upstreams: all }: Declarations, given: SettingTexts) {
  const own = jobs.find((job) => job.id === id)
  const declared = upstreams.map((name) => {
    const upstream = all.find((one) => one.name === name)
    if (upstream) return upstream
    const names = all.map((one) => one.name).join(', ')
    throw new TypeError(`job "${id}".upstream: expected one of ${names}, got ${JSON.stringify(name)}`)
  })
  const urls = declared.map(({ name }) => baseUrlSetting(name))
  return {
    ...changedSettings(own?.settings ?? {}, given),
    ...Object.assign({}, ...declared.map(({ settings }) => changedSettings(settings, given))),
    ...Object.fromEntries(
      urls.flatMap((url) => {
        const text = given[url]
        return text === undefined ? [] : [[url, text]]
      }),
    ),
  }
}

/** An input is read by the name of its job, as one set. */
function expectInputs(jobs: readonly Job[]): void {
  for (const { id, inputs } of jobs) {
    for (const input of inputs) {
      const job = jobs.find((one) => one.id === input)
      if (job?.stored === 'snapshot' && input !== id) continue
      const got = job ? `${input}, stored as ${job.stored}` : `the unknown ${input}`
      throw new TypeError(`job "${id}".inputs: expected another job that stores a snapshot, got ${got}`)
    }
  }
}

/** Jobs that read each other in a circle would wait for each other's first data, or run each other for ever. */
function refuseCycles(jobs: readonly Job[]): void {
  const inputsOf = new Map(jobs.map(({ id, inputs }) => [id, inputs]))
  const done = new Set<string>()
  const visit = (id: string, path: readonly string[]) => {
    if (path.includes(id)) {
      const circle = [...path.slice(path.indexOf(id)), id].join(' <- ')
      throw new TypeError(`job "${id}".inputs: expected no circle, got ${circle}`)
    }
    if (done.has(id)) return
    for (const input of inputsOf.get(id) ?? []) visit(input, [...path, id])
    done.add(id)
  }
  for (const { id } of jobs) visit(id, [])
}

/** Every name that an operator can say for a job. */
function triggerNamesOf({ id, spec }: JobDeclaration): string[] {
  return [...new Set([id, id.replaceAll('-', '_'), ...(spec.triggerNames ?? [])])]
}

function refuseDuplicates(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new TypeError(`expected each ${what} to be declared once, got ${twice} twice`)
}
