/** The outcome of one attempt: its result, or the newer state that another writer stored first. */
export type Swap<State, Result> =
  | { readonly written: true; readonly result: Result }
  | { readonly written: false; readonly stored: State }

/**
 * Repeats a compare-and-swap until it is applied. Each attempt decides again, over the newest stored state.
 *
 * @param tries - maximum number of attempts, the first included
 * @param attempt - computes a new state from `stored` and writes it if `stored` is still the stored state
 * @param pause - waits before the next try; no wait by default
 * @returns the last attempt: `written: false` when another writer came first every time
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
