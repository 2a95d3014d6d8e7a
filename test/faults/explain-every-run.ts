import { expect } from 'vitest'
import { explain } from '#shared/read/explain/explain.ts'
import { readExplainRecords } from '#shared/read/explain/read-records.ts'
import { afterEachRun, type World } from '#test/fakes/world/world.ts'
import { causeContradiction, stateContradiction } from '#test/support/expectations/explain-contradictions.ts'

const MAX_KEYS = 5

/** Whatever has failed, an explanation of the data, and of the first keys, has a cause that the records show. */
async function explainsTheRecords(world: World<unknown>): Promise<void> {
  const { clock, store, work } = world
  const { job, upstream, otherUpstreams = [] } = work
  const system = {
    jobs: [job],
    upstreams: new Map([upstream, ...otherUpstreams].map((one) => [one.name, one])),
  }
  const keys = job.stored === 'items' ? (await store.keys.list(job.id)).slice(0, MAX_KEYS) : []
  for (const key of [undefined, ...keys]) {
    const subject = { job, key }
    const records = await readExplainRecords(subject, system, store, clock.now())
    const explanation = explain(subject, system, records, clock.now())
    expect(await stateContradiction(explanation, world)).toBeUndefined()
    expect(await causeContradiction(explanation, world)).toBeUndefined()
    expect(explanation.next.text).not.toBe('')
  }
}

afterEachRun.push(explainsTheRecords)
