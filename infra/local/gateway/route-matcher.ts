import type { GatewayRoute } from '#infra/definitions/gateway-routes.ts'

/** The route that a gateway selects for a request. */
export interface RouteMatch {
  /** The key of a route: its method and path. */
  readonly routeKey: string
  readonly route: GatewayRoute
  readonly pathParameters: Readonly<Record<string, string>>
}

interface RoutePattern {
  readonly route: GatewayRoute
  readonly segments: readonly PathSegment[]
  /** The last segment is a parameter that takes the rest of the path. */
  readonly isGreedy: boolean
}

/** A literal, or the name of a parameter. */
type PathSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }

/**
 * Selects routes as an HTTP API does: the path is split into segments before they are decoded, and routes with a greedy
 * last parameter (`{proxy+}`) come after all others.
 */
export class RouteMatcher {
  readonly #patterns: readonly RoutePattern[]
  /** The matches of paths without parameters, by method and path: most requests need no search. */
  readonly #literals = new Map<string, RouteMatch>()

  constructor(routes: readonly GatewayRoute[]) {
    const patterns = routes.map(patternOf)
    this.#patterns = [
      ...patterns.filter(({ isGreedy }) => !isGreedy),
      ...patterns.filter(({ isGreedy }) => isGreedy),
    ]
    for (const { methods, path } of routes.filter((route) => !route.path.includes('{')))
      for (const method of methods) {
        const match = this.#search(method, path)
        if (match) this.#literals.set(`${method} ${path}`, match)
      }
  }

  /** @returns `undefined` for a request that only `$default` takes */
  match(method: string, path: string): RouteMatch | undefined {
    return this.#literals.get(`${method} ${path}`) ?? this.#search(method, path)
  }

  #search(method: string, path: string): RouteMatch | undefined {
    const segments = path.split('/')
    for (const pattern of this.#patterns) {
      const { route } = pattern
      const pathParameters = route.methods.includes(method) ? parametersOf(pattern, segments) : undefined
      if (pathParameters) return { routeKey: `${method} ${route.path}`, route, pathParameters }
    }
    return undefined
  }
}

function patternOf(route: GatewayRoute): RoutePattern {
  const segments = route.path.split('/').map((text): PathSegment => {
    const name = /^\{(.+?)\+?\}$/.exec(text)?.[1]
    return name === undefined ? { kind: 'literal', text } : { kind: 'parameter', name }
  })
  return { route, segments, isGreedy: route.path.endsWith('+}') }
}

function parametersOf(
  { segments, isGreedy }: RoutePattern,
  path: readonly string[],
): Record<string, string> | undefined {
  const actual = isGreedy ? joinRest(path, segments.length) : path
  if (segments.length !== actual.length) return undefined
  const parameters: [string, string][] = []
  for (const [index, segment] of segments.entries()) {
    const value = decodeText(actual[index] ?? '')
    if (value === undefined) return undefined
    if (segment.kind === 'literal' ? segment.text !== value : value === '') return undefined
    if (segment.kind === 'parameter') parameters.push([segment.name, value])
  }
  return Object.fromEntries(parameters)
}

function joinRest(segments: readonly string[], count: number): readonly string[] {
  if (segments.length < count) return segments
  return [...segments.slice(0, count - 1), segments.slice(count - 1).join('/')]
}

/** Text with its percent-encoded characters decoded; `undefined` when it is not valid. */
export function decodeText(text: string): string | undefined {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return undefined
    throw error
  }
}
