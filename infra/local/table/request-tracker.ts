import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { AccessDenial, LocalRoles } from '../aws/roles.ts'
import { tableCalls } from './table-calls.ts'

/**
 * Passes requests to the listeners of a server once they have arrived completely and the role of the caller allows them,
 * and counts the open ones. Dynalite ends its process when a client dies in the middle of a body, as a terminated worker does.
 */
export class RequestTracker {
  readonly #roles: LocalRoles | undefined
  #open = 0
  #onDrained: (() => void) | undefined

  /** @param roles - what each function may call; without it every caller may do everything */
  constructor(roles: LocalRoles | undefined) {
    this.#roles = roles
  }

  /** Takes the place of the request listeners of a server. */
  attach(server: Server): void {
    const listeners = server.listeners('request') as RequestListener[]
    server.removeAllListeners('request')
    server.on('request', (request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      // the client is gone and needs no response
      request.on('error', () => response.destroy())
      request.on('end', () => {
        const body = Buffer.concat(chunks)
        const denial = this.#denialOf(request, body)
        if (denial) return sendDenial(response, denial)
        this.#countUntilEnd(response)
        const complete = completeRequest(request, body)
        for (const listener of listeners) listener(complete, response)
      })
    })
  }

  /** Waits until every complete request is answered, also those of clients that are gone, or for `timeoutMs`. */
  drain(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#open === 0) return resolve()
      this.#onDrained = resolve
      setTimeout(resolve, timeoutMs).unref()
    })
  }

  #denialOf({ headers }: IncomingMessage, body: Buffer): AccessDenial | undefined {
    if (!this.#roles) return undefined
    const calls = tableCalls(String(headers['x-amz-target']), body.toString('utf8'))
    return this.#roles.denialOf(headers.authorization, calls)
  }

  #countUntilEnd(response: ServerResponse): void {
    this.#open += 1
    const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse
    response.end = ((...args: unknown[]) => {
      this.#open -= 1
      if (this.#open === 0) this.#onDrained?.()
      return end(...args)
    }) as typeof response.end
  }
}

function sendDenial(response: ServerResponse, { type, message }: AccessDenial): void {
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message })
  response.writeHead(400, {
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
    'x-amzn-requestid': randomUUID(),
  })
  response.end(body)
}

/** A stream with those members of a request that dynalite reads. */
function completeRequest({ method, url, headers }: IncomingMessage, body: Buffer): IncomingMessage {
  const stream = Readable.from([body], { objectMode: false })
  return Object.assign(stream, { method, url, headers }) as unknown as IncomingMessage
}
