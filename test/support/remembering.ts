const MAX_MEMOIZED = 20_000

/** The same function, which computes once what it is asked again and again; by its arguments as text. */
export function memoize<A extends readonly (string | number)[], T>(
  compute: (...given: A) => T,
): (...given: A) => T {
  const known = new Map<string, { readonly value: T }>()
  return (...given) => {
    const name = given.join(' ')
    const before = known.get(name)
    if (before) return before.value
    const value = compute(...given)
    if (known.size >= MAX_MEMOIZED) known.clear()
    known.set(name, { value })
    return value
  }
}
