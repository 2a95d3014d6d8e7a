import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { closeServer, listen } from '#infra/command/http-server.ts'
import { baseUrlSetting, type Upstream } from '#shared/declare/upstream.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import { StartError } from '../host/lifecycle.ts'
import type { Fault } from './faults/fault.ts'
import { distortResponse, sendWithFault } from './faults/fault-injection.ts'
import { jsonResponse, MAX_EARLIER_CALLS, type SimulatedProvider } from './model/provider.ts'

interface SimulatedServerOptions {
  readonly providers: Readonly<Record<string, SimulatedProvider>>
  readonly seed: number
  readonly clock: Pick<Clock, 'now'>
  /** The fault of the next call to a provider, if any; called once per call. */
  readonly nextFault: (provider: string, now: number) => Fault | undefined
}

/**
 * The simulated providers over real HTTP, each under `/<name>`. Every response has the header `X-Data-Source: simulated`.
 *
 * @returns the origin of the server
 */
export async function openSimulatedProviders({ providers, seed, clock, nextFault }: SimulatedServerOptions) {
  const calls = new Map<string, readonly number[]>()
  const respond = (request: IncomingMessage, response: ServerResponse, body?: string) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://simulated.test')
    const [, name = '', path = ''] = /^\/([^/]*)(.*)$/.exec(pathname) ?? []
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    if (!provider) {
      const error = `expected /<provider>/..., with one of ${Object.keys(providers).join(', ')}`
      return sendWithFault(response, jsonResponse(404, { error }), undefined)
    }
    const now = clock.now()
    const fault = nextFault(name, now)
    const at = fault?.kind === 'older' ? now - fault.byMs : now
    const earlierCalls = calls.get(name) ?? []
    calls.set(name, [...earlierCalls, now].slice(-MAX_EARLIER_CALLS))
    const result = provider(seed, at, path, searchParams, earlierCalls, body, request.headers)
    sendWithFault(response, fault ? distortResponse(result, fault) : result, fault)
  }
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return respond(request, response)
    // a client that goes away while it sends its body gets no response
    text(request).then(
      (body) => respond(request, response, body),
      () => response.destroy(),
    )
  })
  const url = await listen(server)
  return { url, close: () => closeServer(server) }
}

/**
 * Names of the providers to simulate: all that have no base URL in the settings.
 *
 * @throws {StartError} with a line for each provider that cannot be simulated
 */
export function providersToSimulate(
  upstreams: readonly Pick<Upstream, 'name'>[],
  settings: Readonly<Record<string, string>>,
  providers: Readonly<Record<string, SimulatedProvider>>,
): readonly string[] {
  const names = upstreams.map(({ name }) => name).filter((name) => !(baseUrlSetting(name) in settings))
  const missing = names.filter((name) => !Object.hasOwn(providers, name))
  if (missing.length === 0) return names
  throw new StartError(
    missing.map((name) => `no simulation of ${name}; set ${baseUrlSetting(name)}, or start with --live`),
  )
}

/** The base URL settings that lead to the simulated providers. */
export function simulatedBaseUrls(names: readonly string[], origin: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [baseUrlSetting(name), `${origin}/${name}`]))
}
