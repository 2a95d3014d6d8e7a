import { shown } from '#shared/domain/text.ts'
import { DeclarationError, expectMatch, expectOneOf, rejectUnknownKeys } from './validation.ts'

/** A parameter of a path or of a query. */
export interface Parameter {
  /** The whole value must match; source of a regular expression without anchors. */
  readonly pattern: string
  readonly about: string
  /** Error message for a value of another form; `invalid <name>` by default. */
  readonly invalidMessage?: string
}

/** Members of every declared path. */
interface Path {
  /** Documented path; `{name}` matches one segment. */
  readonly path: string
  readonly about: string
  readonly parameters?: Readonly<Record<string, Parameter>>
  /** Optional parameters of the query; names that are not declared are ignored. */
  readonly query?: Readonly<Record<string, Parameter>>
  /** Who may call it: everyone, or operators only. */
  readonly access: 'public' | 'operator'
  /** GET by default. A POST has a JSON body. */
  readonly method?: 'GET' | 'POST'
}

/** How a dataset is read over HTTPS. */
export interface Route extends Path {
  /** Key of the item that is served; `{name}` is replaced by the path's parameter. */
  readonly key: string
  /** Function of the job's `views.ts` that makes the response; the stored body by default. */
  readonly view?: string
  /** `read` changes nothing. */
  readonly effect: 'read' | 'submit' | 'change'
  /**
   * Only with a view: the task parameter that lists keys. The live twin of the route refreshes the keys that the view
   * reads. A view without this member has no live twin.
   */
  readonly live?: string
  /** When nothing servable is stored: wait for a refresh (at most 8 s), or answer 503 at once. */
  readonly cold: 'wait' | 'refuse'
}

/** A path that submits a task of the job; `submit.ts` in the job's folder maps its parameters and its response. */
export interface SubmitRoute extends Path {
  /** Never answers with an earlier result; joins only a task that still runs. */
  readonly requiresNewRun?: boolean
}

/** A documented path of an operation on the job; `{id}` is a task or a key of the job. */
export interface OperationAlias {
  readonly method: 'POST' | 'PUT' | 'DELETE'
  readonly path: string
  readonly about: string
  readonly operation: keyof typeof ALIASABLE
}

/** Operations that can have an alias, and what `{id}` means in its path. */
const ALIASABLE = {
  trigger: undefined,
  pause: undefined,
  resume: undefined,
  cancel: 'a task',
  'start-schedule': undefined,
  'stop-schedule': undefined,
  'clear-cache': undefined,
  'clear-cache-key': 'a key',
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
 * @throws {DeclarationError} for unknown keys, a malformed path, a parameter without a pattern or without use
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
      throw new DeclarationError(
        `${where}.key: expected parameters of the path [${used.join(', ')}], got {${name}}`,
      )
    }
  }
}

/**
 * Checks the `live` member of a route.
 *
 * @throws {DeclarationError} for a route without a view, a job that stores no items, or tasks without that parameter
 */
export function checkLive(
  where: string,
  { live, view }: Pick<Route, 'live' | 'view'>,
  { stored, params = {} }: { readonly stored: string; readonly params?: object },
): void {
  if (live === undefined) return
  if (view === undefined)
    throw new DeclarationError(`${where}: expected only with view, got ${shown(live)} without view`)
  if (stored !== 'items')
    throw new DeclarationError(`${where}: expected only with stored: 'items', got it with '${stored}'`)
  expectOneOf(where, live, Object.keys(params))
}

/** Checks the declaration of a path that submits. @throws {DeclarationError} as {@link checkRoute} */
export function checkSubmitRoute(where: string, route: SubmitRoute): void {
  rejectUnknownKeys(where, route, SUBMIT_KEYS)
  checkPath(where, route)
}

/** Checks the declaration of an alias. @throws {DeclarationError} as {@link checkRoute} */
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
    throw new DeclarationError(
      `${where}.parameters: expected [${used.join(', ')}] as in the path, got [${declared.join(', ')}]`,
    )
  }
}

/** The parameter names of a template, in order: `x`, `y` for `/a/{x}/{y}`. */
function parameterNames(template: string): string[] {
  return [...template.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] as string)
}
