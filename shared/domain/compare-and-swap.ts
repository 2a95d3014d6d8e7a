/** One try of a compare-and-swap: what it resulted in, or the newer state that came first. */
export type Swap<State, Result> =
  | { readonly written: true; readonly result: Result }
  | { readonly written: false; readonly stored: State }

/**
 * Repeats a compare-and-swap until it is applied: each try decides anew over the state that the last one lost against.
 *
 * @param tries - the most attempts, the first included
 * @param attempt - decides over `stored` and writes on the condition that it is still stored
 * @param pause - waits before the next try; no wait by default
 * @returns the last try: `written: false` when another change came first every time
 * @throws whatever `attempt` throws, at once
 */
export async function updateWithRetry<State, Result>(
  stored: State,
  tries: number,
  attempt: (stored: State) => Promise<Swap<State, Result>>,
  pause?: (attempts: number) => Promise<void>,
): Promise<Swap<State, Result>> {
  let swap: Swap<State, Result> = { written: false, stored }
  for (let attempts = 1; attempts <= tries && !swap.written; attempts += 1) {
    swap = await attempt(swap.stored)
    if (!swap.written && attempts < tries) await pause?.(attempts)
  }
  return swap
}
