import { type ReadonlySignal, signal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'

/** A value that refreshes itself, with the error of the last attempt, if that one failed. */
export interface Live<T> {
  readonly value: T | undefined
  readonly error: Error | undefined
}

/** Longest wait after failures, in milliseconds. */
const MAX_WAIT_MS = 120_000

/** Wait after the first failure of what is loaded only once, in milliseconds. */
const RETRY_MS = 5_000

/** Longer than the gateway waits for a response, in milliseconds. */
const TIMEOUT_MS = 35_000

/** Wait before the next attempt: the period, doubled with each failure in a row. */
export function nextWaitMs(periodMs: number, failures: number): number {
  return Math.min(Math.max(MAX_WAIT_MS, periodMs), periodMs * 2 ** failures)
}

/**
 * Loads a value now and then after each period, while the tab is visible. The browser checks its copy by the entity tag, so
 * that an unchanged value costs one short response. After failures it waits longer, and keeps the last value.
 *
 * @param load - is called again whenever one of `inputs` changes
 * @param periodMs - milliseconds between two loads; 0 loads until it succeeds once
 */
export function useLive<T>(
  load: (signal: AbortSignal) => Promise<T>,
  periodMs: number,
  inputs: readonly unknown[],
): { readonly live: ReadonlySignal<Live<T>>; readonly reload: () => void } {
  const live = useMemo(() => signal<Live<T>>({ value: undefined, error: undefined }), inputs)
  const reload = useRef(() => {})
  useEffect(() => {
    const polling = poll(load, periodMs, (next) => {
      live.value = { value: next.value ?? live.value.value, error: next.error }
    })
    reload.current = polling.reload
    return polling.stop
  }, inputs)
  return { live, reload: () => reload.current() }
}

function poll<T>(
  load: (signal: AbortSignal) => Promise<T>,
  periodMs: number,
  onResult: (result: Live<T>) => void,
) {
  const abort = new AbortController()
  let timer: number | undefined
  let failures = 0
  let isLoading = false
  let isDone = false
  const attempt = async () => {
    window.clearTimeout(timer)
    if (isLoading || isDone || document.hidden) return
    isLoading = true
    try {
      const value = await load(AbortSignal.any([abort.signal, AbortSignal.timeout(TIMEOUT_MS)]))
      failures = 0
      isDone = periodMs === 0
      if (!abort.signal.aborted) onResult({ value, error: undefined })
    } catch (error) {
      failures += 1
      if (!abort.signal.aborted) onResult({ value: undefined, error: asError(error) })
    } finally {
      isLoading = false
    }
    if (!isDone && !abort.signal.aborted)
      timer = window.setTimeout(
        attempt,
        periodMs === 0 ? nextWaitMs(RETRY_MS, failures - 1) : nextWaitMs(periodMs, failures),
      )
  }
  const onVisible = () => void attempt()
  document.addEventListener('visibilitychange', onVisible)
  void attempt()
  return {
    reload: onVisible,
    stop: () => {
      abort.abort()
      window.clearTimeout(timer)
      document.removeEventListener('visibilitychange', onVisible)
    },
  }
}

/** What was thrown, as an error with a message. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown))
}
