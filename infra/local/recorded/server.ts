import { createServer } from 'node:http'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { closeServer, listen } from '../listening.ts'
import { sendWithFault } from './deliver.ts'
import { distortResponse } from './distorted.ts'
import type { Fault } from './fault.ts'
import { jsonResponse, type SimulatedProvider } from './provider.ts'

interface SimulatedServerOptions {
  readonly providers: Readonly<Record<string, SimulatedProvider>>
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
export async function openSimulatedProviders({ providers, seed, clock, nextFault }: SimulatedServerOptions) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://recorded.test')
    const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(pathname) ?? []
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    if (!provider) {
      const error = `expected /<provider>/..., with one of ${Object.keys(providers).join(', ')}`
      return sendWithFault(response, jsonResponse(404, { error }), undefined)
    }
    const now = clock.now()
    const fault = nextFault(name, now)
    const at = fault?.kind === 'older' ? now - fault.byMs : now
    const answer = provider(seed, at, rest, searchParams)
    sendWithFault(response, fault ? distortResponse(answer, fault) : answer, fault)
  })
  const url = await listen(server)
  return { url, close: () => closeServer(server) }
}
