import { onTestFinished } from 'vitest'

/** Takes what clears up after a test, passed or failed. */
export type OnCleanup = (clear: () => Promise<void>) => void

/** Of the one test that runs; concurrent tests pass `onTestFinished` of their own context. */
export const onTestCleanup: OnCleanup = (clear) => onTestFinished(clear)
