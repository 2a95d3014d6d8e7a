import { createServer } from 'node:http'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { close, listen } from '../listening.ts'
import { deliver } from './deliver.ts'
import { distorted } from './distorted.ts'
import type { Fault } from './fault.ts'
import { json, type Recorded } from './provider.ts'

interface RecordedChoices {
  readonly providers: Readonly<Record<string, Recorded>>
  readonly seed: number
  readonly clock: Pick<Clock, 'now'>
  /** Asked once a call: what goes wrong with it, if anything. */
  readonly nextFault: (provider: string, now: number) => Fault | undefined
}

/**
 * Stand-ins for providers over real HTTP, each under `/<name>`. Every answer says that it is recorded.
 *
 * @returns its origin
 */
export async function openRecorded({ providers, seed, clock, nextFault }: RecordedChoices) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://recorded.test')
    const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(pathname) ?? []
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    if (!provider) {
      const error = `expected /<provider>/..., with one of ${Object.keys(providers).join(', ')}`
      return deliver(response, json(404, { error }), undefined)
    }
    const now = clock.now()
    const fault = nextFault(name, now)
    const at = fault?.kind === 'older' ? now - fault.byMs : now
    const answer = provider(seed, at, rest, searchParams)
    deliver(response, fault ? distorted(answer, fault) : answer, fault)
  })
  const url = await listen(server)
  return { url, close: () => close(server) }
}
