import { expectMatch, expectOneOf, rejectUnknownKeys } from './validation.ts'

/** A part of a path or of a query that the reader fills in. */
export interface Parameter {
  /** The whole value must match; source of a regular expression without anchors. */
  readonly pattern: string
  readonly about: string
  /** What a reader is told whose value has another form; that it is invalid, unless said. */
  readonly invalidMessage?: string
}

/** What every declared path has. */
interface Path {
  /** Documented path; `{name}` stands for one segment. */
  readonly path: string
  readonly about: string
  readonly parameters?: Readonly<Record<string, Parameter>>
  /** What may stand in the query, each where it does of the given form; other names are nobody's business. */
  readonly query?: Readonly<Record<string, Parameter>>
  /** Who may: anybody, or operators only. */
  readonly access: 'public' | 'operator'
  /** GET unless said. A POST has a body in JSON. */
  readonly method?: 'GET' | 'POST'
}

/** How a dataset is read over HTTPS. */
export interface Route extends Path {
  /** Which item answers; `{name}` takes the path's parameter. */
  readonly key: string
  /** Which function of the job's `read.ts` makes the answer; the stored one passes through unless said. */
  readonly view?: string
  /** `read` changes nothing. */
  readonly effect: 'read' | 'submit' | 'change'
  /**
   * Of an answer that a shape makes: the parameter of the job's tasks that names keys. The live twin renews those that the
   * shape looks at; without it there is none.
   */
  readonly live?: string
  /** With nothing servable stored: wait for a refresh (at most 8 s), or refuse at once. */
  readonly cold: 'wait' | 'refuse'
}

/** A path that submits a task of the job; `submit.ts` of its folder says with which parameters, and what it answers. */
export interface SubmitRoute extends Path {
  /** The last good result is not enough: only the same work under way is joined. */
  readonly requiresNewRun?: boolean
}

/** A documented path of an operation on the job, a row and nothing more; `{id}` is a task, or a key of the job. */
export interface OperationAlias {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly about: string
  readonly operation: keyof typeof ALIASABLE
}

/** What can be aliased, and what `{id}` stands for where its path has one. */
const ALIASABLE = {
  trigger: undefined,
  pause: undefined,
  resume: undefined,
  cancel: 'a task',
  'start-schedule': undefined,
  'stop-schedule': undefined,
  'clear-cache': undefined,
  'clear-cached': 'a key',
  'change-symbols': undefined,
} as const

const PATH_KEYS = ['path', 'about', 'parameters', 'query', 'access', 'method']
const READ_KEYS = [...PATH_KEYS, 'key', 'view', 'effect', 'live', 'cold']
const SUBMIT_KEYS = [...PATH_KEYS, 'requiresNewRun']
const ALIAS_KEYS = ['method', 'path', 'about', 'operation']
const SEGMENT = String.raw`(?:[A-Za-z0-9._~-]+|\{[a-z_]+\})`

/**
 * Checks a route's declaration.
 *
 * @throws {TypeError} for unknown keys, a malformed path, a parameter without a pattern or used nowhere
 */
export function checkRoute(where: string, route: Route): void {
  rejectUnknownKeys(where, route, READ_KEYS)
  checkPath(where, route)
  expectMatch(`${where}.key`, route.key, /^(?:[\w.:-]|\{[a-z_]+\})+$/, 'a key such as global or {symbol}')
  if (route.view !== undefined) {
    expectMatch(`${where}.view`, route.view, /^[a-z][A-Za-z]*$/, 'the name of a view of views.ts')
  }
  expectOneOf(`${where}.effect`, route.effect, ['read', 'submit', 'change'])
  expectOneOf(`${where}.cold`, route.cold, ['wait', 'refuse'])
  const used = parameterNames(route.path)
  for (const name of parameterNames(route.key)) {
    if (!used.includes(name)) {
      throw new TypeError(`${where}.key: expected parameters of the path [${used.join(', ')}], got {${name}}`)
    }
  }
}

/**
 * Checks how the live twin of a route renews keys: by tasks of its job, or one by one.
 *
 * @throws {TypeError} where no shape makes the answer, a job stores no items, or its tasks have no such parameter
 */
export function checkLive(
  where: string,
  { live, view }: Pick<Route, 'live' | 'view'>,
  { stored, params = {} }: { readonly stored: string; readonly params?: object },
): void {
  if (live === undefined) return
  if (view === undefined) throw new TypeError(`${where}: expected only with a shape, got it with none`)
  if (stored !== 'items') throw new TypeError(`${where}: expected only with stored: 'items', got '${stored}'`)
  expectOneOf(where, live, Object.keys(params))
}

/** Checks the declaration of a path that submits. @throws {TypeError} as {@link checkRoute} */
export function checkSubmitRoute(where: string, route: SubmitRoute): void {
  rejectUnknownKeys(where, route, SUBMIT_KEYS)
  checkPath(where, route)
}

/** Checks the declaration of an alias. @throws {TypeError} as {@link checkRoute} */
export function checkAlias(where: string, alias: OperationAlias): void {
  rejectUnknownKeys(where, alias, ALIAS_KEYS)
  expectOneOf(`${where}.operation`, alias.operation, Object.keys(ALIASABLE))
  expectOneOf(`${where}.method`, alias.method, ['POST', 'PUT', 'DELETE'])
  const about = ALIASABLE[alias.operation]
  const id = about === undefined ? {} : { parameters: { id: { pattern: '.+', about } } }
  checkPath(where, { path: alias.path, about: alias.about, access: 'operator', ...id })
}

function checkPath(where: string, route: Path): void {
  const pattern = new RegExp(`^(?:/${SEGMENT})+$`)
  expectMatch(`${where}.path`, route.path, pattern, 'a path such as /api/v1/things/{id}')
  expectMatch(`${where}.about`, route.about, /\S/, 'a sentence')
  expectOneOf(`${where}.access`, route.access, ['public', 'operator'])
  expectOneOf(`${where}.method`, route.method ?? 'GET', ['GET', 'POST'])
  const declared = Object.keys(route.parameters ?? {}).sort()
  const used = parameterNames(route.path).sort()
  if (declared.join() !== used.join()) {
    throw new TypeError(
      `${where}.parameters: expected [${used.join(', ')}] as in the path, got [${declared.join(', ')}]`,
    )
  }
}

/** The parameters of a template, in order: `/a/{x}/{y}` gives `x`, `y`. */
function parameterNames(template: string): string[] {
  return [...template.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] as string)
}
