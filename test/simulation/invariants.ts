import type { Item } from '#shared/domain/records/publication.ts'
import { type SnapshotEntry, type SnapshotHead, withConfirmedTimes } from '#shared/domain/records/snapshot.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { Price } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'

/** Something published, as it stood in the table from a moment on. */
interface Version {
  readonly since: number
  readonly value: Item | SnapshotHead
}

interface Data {
  readonly symbol: string
  readonly price: string
  readonly at: number
}

/** An entry inside of a snapshot's answer. */
interface Member {
  readonly key: string
  readonly checked_at: string
  readonly data: Data
}

const MINUTE_MS = 60_000

/** A run under way hears of a wait or of an open breaker within a second, by clocks that are a little apart. */
const HEARD_WITHIN_MS = 2_000

/** Looks at the world after every step and at every answer; what is wrong is written down, never thrown. */
export function invariants(world: World<Price>, issued: ReadonlySet<string>) {
  const { clock, store, work } = world
  const { memory } = store
  const { freshForMs, serveStaleForMs } = work.job.freshness
  const { limits } = work.upstream
  const violations: string[] = []
  const calls: number[] = []
  const probes = new Map<string | undefined, number>()
  let heard: number | undefined
  let heardSince = 0
  let wasOpen = false
  let openSince = 0
  let opened = 0
  const publishers = new Map<number, number>()
  const readFences = new Map<string, number>()
  const outcomes = new Map<string, string>()
  const history = new Map<string, Version[]>()
  const newest = new Map<string, { readonly asOf: number; readonly until: number }>()
  const at = () => new Date(clock.now()).toISOString().slice(11, 23)
  const expect = (holds: boolean, what: string) => {
    if (!holds) violations.push(`${at()} ${what}`)
  }

  /** When the table learnt of the wait and of the open breaker that stand there. */
  function noteUpstream() {
    const { coolDown, breaker } = memory.upstreams.get(work.upstream.name) ?? {}
    if (coolDown?.until !== heard) heardSince = clock.now()
    heard = coolDown?.until
    const isOpen = breaker?.openUntil !== undefined
    if (isOpen && !wasOpen) {
      openSince = clock.now()
      opened += 1
    }
    wasOpen = isOpen
  }

  /** I1: a source's time goes back only where what was newer may not be served any more. */
  function forward(whose: string, asOf: number, checkedAt: number) {
    const last = newest.get(whose)
    expect(!last || asOf >= last.asOf || clock.now() >= last.until - 1_000, `I1 asOf of ${whose} goes back`)
    newest.set(whose, { asOf, until: checkedAt + serveStaleForMs })
  }

  function published(process: number, name: string, value: Item | SnapshotHead) {
    const versions = history.get(name) ?? []
    const last = versions.at(-1)?.value
    if (last === value) return
    history.set(name, [...versions, { since: clock.now(), value }])
    const wasThere = last !== undefined && clock.now() < last.expiresAt - 1_000
    expect(
      !wasThere || value.fence > last.fence,
      `I1 fence of ${name} goes from ${last?.fence} to ${value.fence}`,
    )
    const publisher = publishers.get(value.fence) ?? process
    expect(publisher === process, `I4 fence ${value.fence} is published by ${publisher} and ${process}`)
    publishers.set(value.fence, process)
    for (const entry of membersOf(name, value))
      forward(`${entry.key} in the table`, entry.asOf, entry.checkedAt)
  }

  function membersOf(
    name: string,
    value: Item | SnapshotHead,
  ): readonly Pick<SnapshotEntry, 'key' | 'asOf' | 'checkedAt'>[] {
    return 'version' in value
      ? withConfirmedTimes(value, memory.pages.get(`${name} ${value.version}`) ?? [])
      : [value]
  }

  return {
    violations,

    afterStep(process: number) {
      noteUpstream()
      for (const [name, value] of [...memory.items, ...memory.heads]) published(process, name, value)
      for (const { id, status } of memory.runs.values()) {
        const previous = outcomes.get(id) ?? 'running'
        expect(
          previous === 'running' || previous === status,
          `I5 run ${id} ended ${previous} and then ${status}`,
        )
        outcomes.set(id, status)
      }
    },

    /** I6 and I7: a call begins. */
    beforeCall() {
      const now = clock.now()
      calls.push(now)
      const inAMinute = calls.filter((call) => call > now - MINUTE_MS).length
      expect(inAMinute <= limits.perMinute, `I6 ${inAMinute} calls in a minute`)
      const state = memory.upstreams.get(work.upstream.name)
      const isHeard = now - heardSince > HEARD_WITHIN_MS
      const until = state?.coolDown?.until ?? 0
      expect(!isHeard || now + 1_000 >= until, `I7 a call before ${new Date(until).toISOString()}`)
      const { openUntil, probe } = state?.breaker ?? {}
      if (openUntil === undefined || now - openSince <= HEARD_WITHIN_MS) return
      const probed = (probes.get(probe?.owner) ?? 0) + 1
      probes.set(probe?.owner, probed)
      expect(probe !== undefined && now + 1_000 >= openUntil, 'I7 a call while the breaker is open')
      expect(probed === 1, `I7 ${probed} calls of one probe`)
    },

    /** How many breakers opened: a check of the simulation itself. */
    opened: () => opened,

    /** I5: the outcome of a tick is due. */
    outcomeDue(tick: number) {
      const run = [...memory.runs.values()].find((one) => one.tick === tick)
      expect(
        run !== undefined && run.status !== 'running',
        `I5 tick ${new Date(tick).toISOString()} has no outcome`,
      )
    },

    /** What a replica that is behind would answer. */
    replica<T extends Item | SnapshotHead>(name: string, behindMs: number): T | undefined {
      return history.get(name)?.findLast(({ since }) => since <= clock.now() - behindMs)?.value as
        | T
        | undefined
    },

    /** I12: the storm is over. */
    fresh(name: string, { headers }: HttpResult) {
      expect(headers['x-cache'] === 'HIT', `I12 ${name} is not fresh after the storm`)
    },

    /** I1, I2 and I3 of one answer. */
    served(reader: number, name: string, { headers, body }: HttpResult) {
      const now = clock.now()
      const { age, etag, 'x-cache': label } = headers
      const fits = (history.get(name) ?? [])
        .map(({ value }) => value)
        .filter(
          (one) => etag?.startsWith(`W/"${one.etag}`) && age === String(secondsSince(one.checkedAt, now)),
        )
      const isRight = fits.some(
        (one) => label === 'MISS' || (label === 'HIT') === now < one.checkedAt + freshForMs,
      )
      const fences = fits.map(({ fence }) => fence)
      const isBack = Math.max(...fences) < (readFences.get(`${name} ${reader}`) ?? 0)
      expect(!isBack, `I1 fence of ${name} goes back for reader ${reader}`)
      readFences.set(`${name} ${reader}`, Math.min(...fences))
      expect(isRight, `I3 ${name} is labelled ${label} at an age of ${age} s`)
      const { data } = JSON.parse(body) as { data: Data | Member[] }
      const members = Array.isArray(data)
        ? data.map((one) => ({ ...one, checkedAt: Date.parse(one.checked_at) }))
        : fits.slice(-1).map(({ key, checkedAt }) => ({ key, checkedAt, data }))
      for (const {
        key,
        checkedAt,
        data: { symbol, price, at },
      } of members) {
        expect(now < checkedAt + 1_000 + serveStaleForMs, `I2 ${key} is served past its time`)
        expect(
          symbol === key && issued.has(`${symbol} ${price} ${at}`),
          `I2 ${key} is served as it was never issued`,
        )
        forward(`${key} for reader ${reader}`, at, checkedAt)
      }
    },
  }
}

function secondsSince(time: number, now: number): number {
  return Math.floor(Math.max(0, now - time) / 1_000)
}
