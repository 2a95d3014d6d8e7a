/**
 * Applies `work` to every element, at most `limit` at a time, started in order. `work` must not reject.
 *
 * @returns the results in the order of the elements
 */
export async function mapConcurrently<T, R>(
  elements: readonly T[],
  limit: number,
  work: (element: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = new Array(elements.length)
  let next = 0
  const lane = async () => {
    while (next < elements.length) {
      const index = next++
      results[index] = await work(elements[index] as T)
    }
  }
  await Promise.all(Array.from({ length: Math.min(limit, elements.length) }, lane))
  return results
}
