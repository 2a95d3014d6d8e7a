import { createServer } from 'node:http'
import { baseUrlSetting, type Upstream } from '#shared/declare/upstream.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { closeServer, listen } from '../host/http-server.ts'
import { StartError } from '../host/lifecycle.ts'
import type { Fault } from './faults/fault.ts'
import { distortResponse, sendWithFault } from './faults/fault-injection.ts'
import { jsonResponse, type SimulatedProvider } from './model/provider.ts'

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

/**
 * Which providers a stand-in answers for: all that the operator gave no base URL of his own.
 *
 * @throws {StartError} naming each provider that has none
 */
export function providersToSimulate(
  upstreams: readonly Pick<Upstream, 'name'>[],
  settings: Readonly<Record<string, string>>,
  recorded: Readonly<Record<string, SimulatedProvider>>,
): readonly string[] {
  const wanted = upstreams.map(({ name }) => name).filter((name) => !(baseUrlSetting(name) in settings))
  const missing = wanted.filter((name) => !Object.hasOwn(recorded, name))
  if (missing.length === 0) return wanted
  throw new StartError(
    missing.map((name) => `no recording of ${name}; set ${baseUrlSetting(name)}, or start with --live`),
  )
}

/** The settings that lead to the stand-ins. */
export function simulatedBaseUrls(names: readonly string[], origin: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [baseUrlSetting(name), `${origin}/${name}`]))
}
