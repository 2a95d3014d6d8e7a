import dynalite from 'dynalite'
import { closeServer, listen } from '#infra/command/http-server.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import type { LocalRoles } from '../aws/roles.ts'
import { createTable, tableClient } from './create-table.ts'
import { releaseOrphanedLeases } from './orphaned-leases.ts'
import { RequestTracker } from './request-tracker.ts'
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
