import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import { DAY_MS, SECOND_MS } from '#shared/domain/duration.ts'
import { ownerId } from '#shared/domain/ids.ts'
import type { Removal } from '#shared/domain/ports/store.ts'
import type { LeaseScope } from '#shared/domain/records/job-state.ts'
import { SNAPSHOT_KEY } from '#shared/domain/records/snapshot.ts'
import { shown } from '#shared/domain/text.ts'
import { withAudit } from '../audit.ts'
import type { OperationContext, OperationHandler, OperationPorts } from '../http/operation.ts'
import { expectOnlyParameters, jobOfPath, parseOperationBody, reasonMember } from '../http/request.ts'
import { HttpError, jsonResponse } from '../http/response.ts'
import { assertNotRunning } from '../runs/run-requests.ts'
import { countText, optionalKey, optionalTrue } from './datasets.ts'
import { expectKey, forEachKey } from './keys.ts'
import { removeHistory } from './purge-history.ts'

const purgeBody = z.strictObject({
  key: optionalKey,
  all: optionalTrue,
  confirm: z.optional(z.unknown()),
  reason: z.optional(reasonMember),
})

interface PurgeCounts {
  readonly items: number
  readonly rejected: number
  /** Rows of history. */
  readonly history: number
}

/**
 * Deletes stored data with their history and the rejected bodies: one key or all. `confirm` must be the job's id. It holds
 * the lease of the job, or of the key, and the table refuses what runs that began before it write later, except rows of
 * history. Rejected while a run of the job is in progress.
 */
export const purge: OperationHandler = async (call) => {
  const job = jobOfPath(call)
  expectOnlyParameters(call.request.query, [])
  const { key, all, confirm, reason } = parseOperationBody(call.request, purgeBody)
  if ((key === undefined) === (all === undefined)) {
    throw new HttpError({ status: 400, message: 'expected exactly one of key and all: true' })
  }
  if (key !== undefined) expectKey(job, key)
  if (confirm !== job.id) {
    throw new HttpError({ status: 400, message: `confirm: expected ${shown(job.id)}, got ${shown(confirm)}` })
  }
  await assertNotRunning(job, call)
  const lease = await PurgeLease.take(job, key, call)
  try {
    const change = {
      action: 'purge',
      target: { job: job.id },
      reason,
      after: defined({ key, all }),
      figures: (purged: PurgeCounts) => ({ purged }),
      message: ({ items, rejected, history }: PurgeCounts) =>
        `${countText(items, 'stored value')} and ${countText(history, 'row')} of history deleted, with rejected bodies of ${countText(rejected, 'key')}`,
    }
    const purged = await withAudit(call, change, () => purgeStored(job, key, lease, call.ports))
    return jsonResponse(200, { job: job.id, purged })
  } finally {
    await lease.release()
  }
}

/** A purge ends within the time limit of its function; if it is killed, no run starts for this long. */
const LEASE_MS = 40 * SECOND_MS

/** Longer than any run: a run that began before the purge has ended by then. */
const TOMBSTONE_MS = DAY_MS

/** The lease of a purge, with the fences under which it removes data. */
class PurgeLease {
  readonly #job: Job
  readonly #scope: LeaseScope
  readonly #owner: string
  readonly #ports: OperationPorts
  #fence: number

  private constructor(job: Job, scope: LeaseScope, owner: string, ports: OperationPorts, fence: number) {
    this.#job = job
    this.#scope = scope
    this.#owner = owner
    this.#ports = ports
    this.#fence = fence
  }

  /** Takes the lease of one key, or of the whole job. @throws {HttpError} 409 while a run has it */
  static async take(job: Job, key: string | undefined, { ports }: OperationContext): Promise<PurgeLease> {
    const scope: LeaseScope = key === undefined ? { kind: 'job' } : { kind: 'key', key }
    const now = ports.clock.now()
    const owner = ownerId(now, ports.random)
    const acquired = await ports.store.states.acquire(job.id, scope, { owner, until: now + LEASE_MS }, now)
    if ('fence' in acquired) return new PurgeLease(job, scope, owner, ports, acquired.fence)
    throw new HttpError({
      status: 409,
      message:
        key === undefined ? 'Job is already running' : `A run or a purge of ${shown(key)} is in progress`,
    })
  }

  get fence(): number {
    return this.#fence
  }

  /** Under what data are removed now. */
  get removal(): Removal {
    return { fence: this.#fence, until: this.#ports.clock.now() + TOMBSTONE_MS }
  }

  /** Takes the next fence, above that of every run so far. @throws {HttpError} 503 when the lease has expired */
  async advance(): Promise<void> {
    const { store, clock } = this.#ports
    const now = clock.now()
    const lease = { owner: this.#owner, until: now + LEASE_MS }
    const acquired = await store.states.acquire(this.#job.id, this.#scope, lease, now)
    if ('fence' in acquired) this.#fence = acquired.fence
    else
      throw new HttpError({
        status: 503,
        message: 'Another run began before the purge ended; the request may be repeated',
        headers: { 'retry-after': '5' },
      })
  }

  /** A lease that cannot be released expires. */
  async release(): Promise<void> {
    const { store, log } = this.#ports
    try {
      await store.states.release(this.#job.id, this.#scope, this.#owner, undefined)
    } catch (error) {
      log.warn('The lease of a purge could not be released', { job: this.#job.id, error })
    }
  }
}

/** Ends the public freshness first: if a purge stops in between, its repetition finds what is left. */
async function purgeStored(
  job: Job,
  key: string | undefined,
  lease: PurgeLease,
  ports: OperationPorts,
): Promise<PurgeCounts> {
  const { store, clock } = ports
  const losesData =
    key === undefined || (await store.items.get(job.id, key, { consistent: true })) !== undefined
  if (losesData) {
    const { freshUntil, missingSince } = await store.states.get(job.id)
    const now = clock.now()
    await store.states.setPurged(job.id, Math.min(now, freshUntil ?? missingSince ?? now))
  }
  const items =
    job.stored === 'snapshot'
      ? await removeSnapshot(job, lease, store)
      : await removeItems(job, key, lease, store)
  const rejectedKeys = (await store.rejected.list(job.id))
    .map((record) => record.key)
    .filter((rejectedKey) => key === undefined || rejectedKey === key)
  await forEachKey(rejectedKeys, 'rejected', async (rejectedKey) => {
    await store.rejected.remove(job.id, rejectedKey)
    return true
  })
  const history = await removeHistory(job, key, { items, rejected: rejectedKeys.length }, ports)
  return { items, rejected: rejectedKeys.length, history }
}

async function removeSnapshot(
  { id }: Job,
  lease: PurgeLease,
  { snapshots }: OperationPorts['store'],
): Promise<number> {
  const head = await snapshots.head(id, SNAPSHOT_KEY, { consistent: true })
  await removeUnderNewestFence(lease, (removal) => snapshots.remove(id, SNAPSHOT_KEY, removal))
  return head?.count ?? 0
}

/**
 * The list of keys is marked before the fence that removes the items is taken: a run that listed its keys before the mark
 * has a lower fence, so the table refuses its items; one that lists them later changes the list, so they stay in it.
 */
async function removeItems(
  { id }: Job,
  key: string | undefined,
  lease: PurgeLease,
  store: OperationPorts['store'],
): Promise<number> {
  const purging = await store.keys.startPurge(id, lease.fence, { all: key === undefined })
  await lease.advance()
  const keys = key === undefined ? purging.keys : [key]
  const removed = await forEachKey(keys, 'items', async (each) => {
    const stored = await store.items.get(id, each, { consistent: true })
    await removeUnderNewestFence(lease, (removal) => store.items.remove(id, each, removal))
    return stored !== undefined
  })
  await store.keys.endPurge(id, purging, keys)
  return removed
}

const MAX_ATTEMPTS = 5

/** Removes data also when a run that began later has published them meanwhile. */
async function removeUnderNewestFence(
  lease: PurgeLease,
  remove: (removal: Removal) => Promise<boolean>,
): Promise<void> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    if (await remove(lease.removal)) return
    await lease.advance()
  }
  throw new Error(`expected to remove stored data, got a newer publication ${MAX_ATTEMPTS} times`)
}
