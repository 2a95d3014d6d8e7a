/** The view of the page, by the fragment of its address: `#/datasets/hama`. */
export type PageRoute =
  | { readonly view: 'overview' | 'timeline' | 'api' | 'upstreams' | 'audit' | 'unknown' }
  | { readonly view: 'dataset'; readonly job: string }
  | { readonly view: 'run'; readonly id: string }

const SIMPLE = ['timeline', 'api', 'upstreams', 'audit'] as const

/** Parses the fragment of an address. */
export function pageRoute(fragment: string): PageRoute {
  const [first = '', second, ...rest] = fragment
    .replace(/^#?\/?/, '')
    .split('/')
    .map(decoded)
  if (rest.length > 0) return { view: 'unknown' }
  if (first === '' && second === undefined) return { view: 'overview' }
  if (first === 'datasets' && second) return { view: 'dataset', job: second }
  if (first === 'runs' && second) return { view: 'run', id: second }
  const view = SIMPLE.find((name) => name === first)
  return view && second === undefined ? { view } : { view: 'unknown' }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // an address that was cut off: it leads to no view
    return part
  }
}
