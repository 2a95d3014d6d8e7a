import { createServer } from 'node:http'
import { DATA_SOURCE_HEADER } from '#shared/engine/attempt.ts'
import type { Clock } from '#shared/ports/clock.ts'
import { close, listen } from '../listening.ts'
import { json, type Recorded } from './provider.ts'

interface RecordedChoices {
  readonly providers: Readonly<Record<string, Recorded>>
  readonly seed: number
  readonly clock: Pick<Clock, 'now'>
}

/**
 * Stand-ins for providers over real HTTP, each under `/<name>`. Every answer says that it is recorded.
 *
 * @returns its origin
 */
export async function openRecorded({ providers, seed, clock }: RecordedChoices) {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://recorded.test')
    const [, name = '', rest = ''] = /^\/([^/]*)(.*)$/.exec(pathname) ?? []
    const provider = Object.hasOwn(providers, name) ? providers[name] : undefined
    const { status, headers, body } = provider
      ? provider(seed, clock.now(), rest, searchParams)
      : json(404, { error: `expected /<provider>/..., with one of ${Object.keys(providers).join(', ')}` })
    response.writeHead(status, { ...headers, [DATA_SOURCE_HEADER]: 'recorded' })
    response.end(request.method === 'HEAD' ? undefined : body)
  })
  const url = await listen(server)
  return { url, close: () => close(server) }
}
