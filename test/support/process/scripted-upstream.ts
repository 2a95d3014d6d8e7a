import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { expect, vi } from 'vitest'
import { globalBody } from '#test/fakes/jobs/global-market.ts'
import { listenHttp } from '#test/support/http/sockets.ts'
import type { OnCleanup } from '#test/support/temporary/cleanup.ts'

/** A provider whose every answer a test decides. */
export interface ScriptedUpstream {
  readonly origin: string
  /** The setting that leads to it. */
  readonly setting: { readonly FRESHET_UPSTREAM_COINGECKO_URL: string }
  /** Headers of every request so far. */
  readonly calls: readonly IncomingHttpHeaders[]
  /** Waits for so many requests. */
  waitForCalls(times: number): Promise<void>
  /** How it answers from now on. */
  respondWith(next: RequestListener): void
}

/** A provider for the length of one test; by default it answers with a reading of now. */
export async function scriptedUpstream(atEnd?: OnCleanup): Promise<ScriptedUpstream> {
  const calls: IncomingHttpHeaders[] = []
  let script = goodReading()
  const origin = await listenHttp((request, response) => {
    calls.push(request.headers)
    script(request, response)
  }, atEnd)
  return {
    origin,
    setting: { FRESHET_UPSTREAM_COINGECKO_URL: origin },
    calls,
    waitForCalls: (times) => vi.waitFor(() => expect(calls).toHaveLength(times), { timeout: 10_000 }),
    respondWith: (next) => {
      script = next
    },
  }
}

/** A good reading, made `ageS` seconds before it is asked for. */
export function goodReading({ cap, ageS = 0 }: { cap?: number; ageS?: number } = {}): RequestListener {
  return (_, response) => {
    const updatedAt = Math.floor(Date.now() / 1_000) - ageS
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify(globalBody({ updatedAt, ...(cap === undefined ? {} : { cap }) })))
  }
}

/** A fixed answer. */
export function fixedResponse(
  status: number,
  type: string,
  body: string,
  headers: Record<string, string> = {},
): RequestListener {
  return (_, response) => {
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  }
}

/** Takes the request and says nothing, ever. */
export const noResponse: RequestListener = () => {}
