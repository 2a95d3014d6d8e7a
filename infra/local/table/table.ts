import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import dynalite from 'dynalite'
import { closeServer, listen } from '../host/http-server.ts'
import { createTable, tableClient } from './create-table.ts'
import { releaseOrphanedLeases } from './orphaned-leases.ts'
import { startSweeper } from './ttl-sweeper.ts'

/** The engine answers within milliseconds. */
const MAX_REQUEST_MS = 500

/** A table that answers. */
interface Table {
  /** Endpoint for the SDK. */
  readonly url: string
  /** Ends within a second; what was written stays. */
  close(): Promise<void>
}

interface TableOptions {
  /** Directory of the engine's files. */
  readonly path: string
  /** Owners of leases that go on: theirs are not given back. Nobody unless said. */
  readonly leaseOwners?: ReadonlySet<string>
  /** Told what the sweeper could not do; the next sweep tries again. */
  readonly onFault: (error: unknown) => void
  /** A minute unless said. */
  readonly sweepEveryMs?: number
}

/**
 * Starts the embedded DynamoDB engine on its files and makes the table where it is missing. Leases of an ended process
 * are given back. Expired items are deleted every minute, as DynamoDB's time to live would.
 *
 * @throws when the engine cannot listen or the table cannot be made
 */
export async function openTable({
  path,
  leaseOwners = new Set(),
  onFault,
  sweepEveryMs = 60_000,
}: TableOptions): Promise<Table> {
  const server = dynalite({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const requests = bufferRequests(server)
  const url = await listen(server)
  const client = tableClient({ AWS_ENDPOINT_URL_DYNAMODB: url })
  const end = async () => {
    client.destroy()
    // the engine ends its process when its files close under a request of a worker that is gone
    await requests.drain(MAX_REQUEST_MS)
    await closeServer(server)
  }
  try {
    await createTable(client)
    await releaseOrphanedLeases(client, leaseOwners)
  } catch (error) {
    await end()
    throw error
  }
  const sweeper = startSweeper(client, sweepEveryMs, onFault)
  return {
    url,
    close: async () => {
      await sweeper.stop()
      await end()
    },
  }
}

/** What is known of the requests of a server. */
interface RequestTracker {
  /** Waits until every request that arrived has been answered, also those whose client is gone; so long at most. */
  drain(patienceMs: number): Promise<void>
}

/**
 * Hands requests to a server's listener only once they have arrived whole: dynalite ends its process when a client
 * dies in the middle of a body, as a worker does that is terminated.
 */
export function bufferRequests(server: Server): RequestTracker {
  let underWay = 0
  let onIdle: (() => void) | undefined
  const answered = () => {
    underWay -= 1
    if (underWay === 0) onIdle?.()
  }
  const listeners = server.listeners('request') as RequestListener[]
  server.removeAllListeners('request')
  server.on('request', (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    // the client is gone, and with it the only one who could be told
    request.on('error', () => response.destroy())
    request.on('end', () => {
      const { method, url, headers } = request
      const whole = Object.assign(Readable.from([Buffer.concat(chunks)], { objectMode: false }), {
        method,
        url,
        headers,
      })
      underWay += 1
      const end = response.end.bind(response) as (...what: unknown[]) => ServerResponse
      response.end = ((...what: unknown[]) => {
        answered()
        return end(...what)
      }) as typeof response.end
      // a stream with the members of a request: whoever listens reads nothing else of it
      for (const listener of listeners) listener(whole as unknown as IncomingMessage, response)
    })
  })
  return {
    drain: (patienceMs) =>
      new Promise((resolve) => {
        if (underWay === 0) return resolve()
        onIdle = resolve
        setTimeout(resolve, patienceMs).unref()
      }),
  }
}
