import { setTimeout as sleep } from 'node:timers/promises'
import type { WireRequest, WireResponse } from './exchange.ts'
import type { LocalProcess } from './local-process.ts'

/** Longer than anybody may wait for data that are not there. */
const RESPONSE_TIMEOUT_MS = 15_000

/** A process that is asked, until it is killed. */
export interface Instance {
  readonly system: LocalProcess
  /** `Authorization` of an operator. */
  readonly authorization: string
  /** The time by its clock; milliseconds since the epoch. */
  readonly now: () => number
  killed: boolean
}

/** The process that is running, as soon as there is one; `undefined` once all is over. */
export type CurrentInstance = () => Promise<Instance | undefined>

/**
 * An answer within the time that anybody may wait.
 *
 * @throws what the connection throws; an error that says so when there is none in time
 */
export async function requestInTime(
  { system }: Instance,
  target: string,
  sent: WireRequest = {},
): Promise<WireResponse> {
  const enough = new AbortController()
  const late = sleep(RESPONSE_TIMEOUT_MS, undefined, { signal: enough.signal }).then(() => {
    throw new Error(`none within ${RESPONSE_TIMEOUT_MS} ms`)
  })
  // once there is an answer, the wait is given up, and rejects
  late.catch(() => {})
  try {
    return await Promise.race([system.request(target, sent), late])
  } finally {
    enough.abort()
  }
}
