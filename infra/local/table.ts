import dynalite from 'dynalite'
import { createTable, tableClient } from './create-table.ts'
import { closeServer, listen } from './listening.ts'
import { releaseOrphanedLeases } from './orphaned-leases.ts'
import { startSweeper } from './ttl-sweeper.ts'
import { bufferRequests } from './whole-requests.ts'

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
