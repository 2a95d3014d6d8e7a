import { checkPath, type Parameter } from './route.ts'
import { DeclarationError, expectMatch, expectOneOf, KEBAB, rejectUnknownKeys } from './validation.ts'

/** A documented path of an operation on the job; `{id}` is what the operation takes: a task, a key, a part of keys. */
export type OperationAlias = PlainAlias | PrefixAlias | StatsAlias

interface AliasPath {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly about: string
}

interface PlainAlias extends AliasPath {
  readonly operation: Exclude<keyof typeof ALIASABLE, (PrefixAlias | StatsAlias)['operation']>
}

/** Marks all keys with a beginning as stale, in the data of several jobs, and answers in the envelope of its own job. */
interface PrefixAlias extends AliasPath {
  readonly operation: 'clear-cache-prefix'
  /** The form of `{id}` in the path; any other value gets status 400. */
  readonly id: Parameter
  /** What the keys begin with. `{id}:` is its end, so that the id 12 never stands for 123: `hub:project:{id}:` */
  readonly keyPrefix: string
  /** Ids of the jobs whose keys are marked; each stores items. */
  readonly jobs: readonly string[]
}

/** Figures of what is stored of several jobs, in the envelope of its own job. */
interface StatsAlias extends AliasPath {
  readonly operation: 'show-cache-stats'
  /** Ids of the jobs; each stores items. */
  readonly jobs: readonly string[]
}

/** What an operation needs of the job that declares an alias of it. */
interface AliasedJob {
  readonly mode: string
  readonly stored: string
  readonly hasSchedule: boolean
  readonly overridable: readonly string[]
  readonly operatorData: readonly string[]
}

interface Aliasable {
  /** The meaning of `{id}` in the path; without it, the path has none. */
  readonly id?: string
  /** It changes nothing. */
  readonly isRead?: boolean
  /** Members of its alias beside the path. */
  readonly members?: readonly string[]
  readonly needs?: { readonly what: string; readonly holds: (job: AliasedJob) => boolean }
}

const aSchedule = { what: 'a schedule', holds: ({ hasSchedule }: AliasedJob) => hasSchedule }

/** The settings that `change-symbols` overrides. */
const SYMBOL_SETTINGS = ['HAMA_INCLUDE', 'HAMA_EXCLUDE', 'HAMA_UNIVERSE_SIZE']

const oneRecord = {
  what: 'one name in operatorData',
  holds: ({ operatorData }: AliasedJob) => operatorData.length === 1,
}

/** Operations that can have an alias. */
const ALIASABLE = {
  trigger: {},
  cancel: { id: 'a task', needs: { what: "mode: 'task'", holds: ({ mode }) => mode === 'task' } },
  'start-schedule': { needs: aSchedule },
  'stop-schedule': { needs: aSchedule },
  'clear-cache': {},
  'clear-cache-key': {
    id: 'a key',
    needs: { what: "stored: 'items'", holds: ({ stored }) => stored === 'items' },
  },
  'clear-cache-prefix': { id: 'a part of keys', members: ['id', 'keyPrefix', 'jobs'] },
  'show-cache-stats': { isRead: true, members: ['jobs'] },
  'show-operator-data': { isRead: true, needs: oneRecord },
  'replace-operator-data': { needs: oneRecord },
  'erase-operator-data': { needs: oneRecord },
  'change-symbols': {
    needs: {
      what: `${SYMBOL_SETTINGS.join(', ')} in overridable`,
      holds: ({ overridable }) => SYMBOL_SETTINGS.every((name) => overridable.includes(name)),
    },
  },
} as const satisfies Readonly<Record<string, Aliasable>>

const ALIAS_KEYS = ['method', 'path', 'about', 'operation']

/**
 * Checks the declaration of an alias, and that its operation can be carried out on the job.
 *
 * @throws {DeclarationError} for unknown keys, a malformed path, and naming what the job lacks
 */
export function checkAlias(where: string, alias: OperationAlias, job: AliasedJob): void {
  expectOneOf(`${where}.operation`, alias.operation, Object.keys(ALIASABLE))
  const { id: about, isRead, members = [], needs }: Aliasable = ALIASABLE[alias.operation]
  rejectUnknownKeys(where, alias, [...ALIAS_KEYS, ...members])
  expectOneOf(`${where}.method`, alias.method, isRead ? ['GET'] : ['POST', 'PUT', 'DELETE'])
  const id = about === undefined ? {} : { parameters: { id: { pattern: '.+', about } } }
  checkPath(where, { path: alias.path, about: alias.about, access: 'operator', ...id })
  if (alias.operation === 'clear-cache-prefix') checkPrefix(where, alias)
  if (members.includes('jobs')) checkJobs(`${where}.jobs`, 'jobs' in alias ? alias.jobs : [])
  if (needs === undefined || needs.holds(job)) return
  throw new DeclarationError(
    `${where}.operation: expected ${alias.operation} only with ${needs.what}, got it without`,
  )
}

function checkPrefix(where: string, { keyPrefix, id }: PrefixAlias): void {
  const expected = 'a beginning of keys that ends in {id}:, such as hub:project:{id}:'
  expectMatch(`${where}.keyPrefix`, keyPrefix, /^[\w.:-]*\{id\}:$/, expected)
  expectMatch(`${where}.id`, id?.pattern, /\S/, 'a pattern')
}

function checkJobs(where: string, jobs: readonly string[]): void {
  if (jobs.length === 0) throw new DeclarationError(`${where}: expected ids of jobs, got none`)
  for (const job of jobs) expectMatch(where, job, KEBAB, 'ids of jobs')
}
