import { profiles } from './recorded/chaos.ts'
import type { Chaos } from './recorded/numbered-faults.ts'

/** What `--chaos` says, or why it cannot be so in one line; neither when it is not there. */
export interface ChaosOption {
  readonly chaos?: Chaos
  readonly fault?: string
}

/**
 * Reads `--chaos=<profile>[:<call>]`.
 *
 * @param text - `<profile>[:<call>]`; calls are counted from 1
 * @param live - whether real providers are to be asked: nothing is ever inflicted on them
 */
export function readChaos(text: string | undefined, live: boolean): ChaosOption {
  if (text === undefined) return {}
  if (live) return { fault: '--chaos is inflicted on stand-ins only: expected it without --live, got both' }
  const [, name, call = '1'] = /^(.*?)(?::([1-9]\d{0,8}))?$/s.exec(text) ?? []
  const profile = profiles.find((known) => known.name === name)
  if (profile) return { chaos: { profile, firstCall: Number(call) } }
  const known = profiles.map((one) => one.name).join(', ')
  return {
    fault: `--chaos: expected one of ${known}, with :<call> if not from the first; got ${JSON.stringify(text)}`,
  }
}
