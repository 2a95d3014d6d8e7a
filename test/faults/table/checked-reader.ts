import { expect } from 'vitest'
import { Reads } from '#functions/reads/reads.ts'
import type { Job } from '#shared/declare/job.ts'
import type { Store } from '#shared/domain/ports/store.ts'
import type { Item } from '#shared/domain/records/publication.ts'
import { SNAPSHOT_KEY, type SnapshotHead } from '#shared/domain/records/snapshot.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'

/** One process that reads. Every answer is judged: its label is arithmetic (I3), nothing goes back (I1). */
export interface JudgedReader {
  /** The answer for a symbol; a snapshot answers with all of them. */
  get(symbol?: string): Promise<HttpResult>
  /** The price that is served of each symbol. */
  prices(): Promise<Readonly<Record<string, string>>>
}

type Version = Item | SnapshotHead

/** @param truth - where the reader's answers are compared with what really stands in the table */
export function judgedReader(
  job: Job,
  symbols: readonly string[],
  ports: ReadPorts,
  truth: Pick<Store, 'items' | 'snapshots'>,
): JudgedReader {
  const reads = new Reads([job], '0.0.0', ports)
  const versions = new Map<string, Version[]>()
  const fences = new Map<string, number>()
  const sourceTimes = new Map<string, number>()

  /** What may be answered: everything that stood in the table when this reader read. */
  const note = async (key: string) => {
    const isSet = job.stored === 'snapshot'
    const version = isSet ? await truth.snapshots.head(job.id, key) : await truth.items.get(job.id, key)
    const earlier = versions.get(key) ?? []
    const same = earlier.find(({ fence }) => fence === version?.fence)
    if (same) expect(version, `I4: one publication under the fence ${same.fence}`).toEqual(same)
    else if (version) versions.set(key, [...earlier, version])
  }

  const judge = (key: string, { headers, body }: HttpResult) => {
    const now = ports.clock.now()
    const fits = (versions.get(key) ?? []).filter(
      ({ etag, checkedAt }) =>
        headers['etag']?.startsWith(`W/"${etag}`) &&
        headers['age'] === String(Math.floor((now - checkedAt) / 1_000)),
    )
    const label = headers['x-cache']
    const isRight = fits.some(({ freshUntil, staleUntil }) =>
      label === 'STALE' ? now >= freshUntil && now < staleUntil : now < freshUntil,
    )
    expect(
      isRight,
      `I2, I3: ${key} is served as it was published, labelled ${label} at ${headers['age']} s`,
    ).toBe(true)
    const newest = Math.max(...fits.map(({ fence }) => fence))
    expect(newest, `I1: the fence of ${key}`).toBeGreaterThanOrEqual(fences.get(key) ?? 0)
    fences.set(key, Math.min(...fits.map(({ fence }) => fence)))
    for (const { symbol, at } of pricesIn(body)) {
      expect(at, `I1: the source's time of ${symbol}`).toBeGreaterThanOrEqual(sourceTimes.get(symbol) ?? 0)
      sourceTimes.set(symbol, at)
    }
  }

  const get = async (symbol = symbols[0] ?? '') => {
    const isSet = job.stored === 'snapshot'
    const key = isSet ? SNAPSHOT_KEY : symbol
    await note(key)
    const result = await reads.handle({
      method: 'GET',
      path: `/test/prices${isSet ? '' : `/${symbol}`}`,
      headers: {},
    })
    if (result.statusCode === 200) judge(key, result)
    return result
  }

  return {
    get,
    async prices() {
      const keys = job.stored === 'snapshot' ? symbols.slice(0, 1) : symbols
      const results = await Promise.all(keys.map(get))
      const served = results.flatMap(({ statusCode, body }) => (statusCode === 200 ? pricesIn(body) : []))
      return Object.fromEntries(served.map(({ symbol, price }) => [symbol, price]))
    },
  }
}

function pricesIn(body: string): readonly Price[] {
  const { data } = JSON.parse(body) as { data: Price | readonly { readonly data: Price }[] }
  return Array.isArray(data) ? data.map((entry) => entry.data) : [data as Price]
}
