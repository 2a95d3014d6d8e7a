import { expectMatch, expectOneOf, refuseUnknownKeys } from './exact.ts'

/** A part of a path that the reader fills in. */
interface PathParameter {
  /** The whole value must match; source of a regular expression without anchors. */
  readonly pattern: string
  readonly about: string
}

/** How a dataset is read over HTTPS. */
export interface Route {
  /** Documented path; `{name}` stands for one segment. */
  readonly path: string
  readonly about: string
  /** Which item answers; `{name}` takes the path's parameter. */
  readonly key: string
  readonly parameters?: Readonly<Record<string, PathParameter>>
  /** Who may: anybody, or operators only. */
  readonly access: 'public' | 'operator'
  /** `read` changes nothing, `submit` starts coalesced work, `change` is for operators. */
  readonly effect: 'read' | 'submit' | 'change'
  /** With nothing servable stored: wait for a refresh (at most 8 s), or refuse at once. */
  readonly cold: 'wait' | 'refuse'
}

const KEYS = ['path', 'about', 'key', 'parameters', 'access', 'effect', 'cold']
const SEGMENT = String.raw`(?:[A-Za-z0-9._~-]+|\{[a-z_]+\})`

/**
 * Checks a route's declaration.
 *
 * @throws {TypeError} for unknown keys, a malformed path, a parameter without a pattern or used nowhere
 */
export function checkRoute(where: string, route: Route): void {
  refuseUnknownKeys(where, route, KEYS)
  expectMatch(
    `${where}.path`,
    route.path,
    new RegExp(`^(?:/${SEGMENT})+$`),
    'a path such as /api/v1/things/{id}',
  )
  expectMatch(`${where}.key`, route.key, /^(?:[\w.:-]|\{[a-z_]+\})+$/, 'a key such as global or {symbol}')
  expectMatch(`${where}.about`, route.about, /\S/, 'a sentence')
  expectOneOf(`${where}.access`, route.access, ['public', 'operator'])
  expectOneOf(`${where}.effect`, route.effect, ['read', 'submit', 'change'])
  expectOneOf(`${where}.cold`, route.cold, ['wait', 'refuse'])
  const declared = Object.keys(route.parameters ?? {}).sort()
  const used = parameterNames(route.path).sort()
  if (declared.join() !== used.join()) {
    throw new TypeError(
      `${where}.parameters: expected [${used.join(', ')}] as in the path, got [${declared.join(', ')}]`,
    )
  }
  for (const name of parameterNames(route.key)) {
    if (!used.includes(name)) {
      throw new TypeError(`${where}.key: expected parameters of the path [${used.join(', ')}], got {${name}}`)
    }
  }
}

/** The parameters of a template, in order: `/a/{x}/{y}` gives `x`, `y`. */
function parameterNames(template: string): string[] {
  return [...template.matchAll(/\{([a-z_]+)\}/g)].map((match) => match[1] as string)
}
