import { randomUUID } from 'node:crypto'
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import dynalite from 'dynalite'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { AccessDenial, LocalRoles } from '../aws/roles.ts'
import { closeServer, listen } from '../host/http-server.ts'
import { createTable, tableClient } from './create-table.ts'
import { releaseOrphanedLeases } from './orphaned-leases.ts'
import { tableCalls } from './table-calls.ts'
import { startSweeper } from './ttl-sweeper.ts'

/** Longest wait for open requests on closing; the engine answers within milliseconds. */
const DRAIN_TIMEOUT_MS = 500

interface Table {
  /** Endpoint for the SDK. */
  readonly url: string
  /** Closes the table within a second. */
  close(): Promise<void>
}

interface TableOptions {
  /** Directory of the engine's files. */
  readonly path: string
  /** Owners whose leases are not released; none by default. */
  readonly leaseOwners?: ReadonlySet<string>
  /** Called when a sweep fails; the next sweep tries again. */
  readonly onFault: (error: unknown) => void
  /** A minute by default. */
  readonly sweepIntervalMs?: number
  /** What each function may call; without it every caller may do everything. */
  readonly roles?: LocalRoles | undefined
}

/**
 * Starts the embedded DynamoDB engine and creates the table if it does not exist. Releases the leases of an ended
 * process. Expired items are deleted every minute, as DynamoDB's time to live does.
 *
 * @throws when the engine cannot listen or the table cannot be created
 */
export async function openTable({
  path,
  leaseOwners = new Set(),
  onFault,
  sweepIntervalMs = MINUTE_MS,
  roles,
}: TableOptions): Promise<Table> {
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const requests = new RequestTracker(roles)
  requests.attach(server)
  const url = await listen(server)
  const client = tableClient({ AWS_ENDPOINT_URL_DYNAMODB: url })
  const close = async () => {
    client.destroy()
    // the engine ends its process when its files close during a request, even of a worker that is gone
    await requests.drain(DRAIN_TIMEOUT_MS)
    await closeServer(server)
  }
  try {
    await createTable(client)
    await releaseOrphanedLeases(client, leaseOwners)
  } catch (error) {
    await close()
    throw error
  }
  const sweeper = startSweeper(client, sweepIntervalMs, onFault)
  return {
    url,
    close: async () => {
      await sweeper.stop()
      await close()
    },
  }
}

/**
 * Passes requests to the listeners of a server once they have arrived completely and the role of the caller allows them,
 * and counts the open ones. Dynalite ends its process when a client dies in the middle of a body, as a terminated worker does.
 */
class RequestTracker {
  readonly #roles: LocalRoles | undefined
  #open = 0
  #onDrained: (() => void) | undefined

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
