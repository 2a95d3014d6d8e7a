import { describe, expect, it } from 'vitest'
import { BodyMemory, type RequestMemory } from '#shared/engine/fetch/body-memory.ts'

/** A body whose arrival a test decides. */
function receiving(memory: RequestMemory, maxBytes: number, sizeBytes: number) {
  const arrival = Promise.withResolvers<void>()
  const state = { hasBegun: false, arrive: () => arrival.resolve() }
  const done = memory.receive(
    maxBytes,
    async () => {
      state.hasBegun = true
      await arrival.promise
      return sizeBytes
    },
    (size) => size,
  )
  return Object.assign(state, { done })
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the memory of the bodies of a run (F81)', () => {
  it('lets a call wait until there is room for the largest body it may get', async () => {
    const run = new BodyMemory(100)
    const [first, second] = [run.open(), run.open()]
    const one = receiving(first, 60, 50)
    const two = receiving(second, 60, 50)
    await settled()

    const before = two.hasBegun
    one.arrive()
    await one.done
    await settled()
    const whileKept = two.hasBegun
    first.close()
    await settled()

    expect([one.hasBegun, before, whileKept, two.hasBegun]).toEqual([true, false, false, true])
  })

  it('is taken in the order of the calls: a small one does not pass a large one', async () => {
    const run = new BodyMemory(100)
    const first = receiving(run.open(), 60, 0)
    const large = receiving(run.open(), 80, 0)
    const small = receiving(run.open(), 10, 0)
    await settled()

    expect([first.hasBegun, large.hasBegun, small.hasBegun]).toEqual([true, false, false])
    first.arrive()
    await settled()
    expect([large.hasBegun, small.hasBegun]).toEqual([true, true])
  })

  it('never makes requests wait for each other for ever: the newest call fails', async () => {
    const run = new BodyMemory(100)
    const [first, second] = [run.open(), run.open()]
    for (const memory of [first, second]) {
      const body = receiving(memory, 50, 50)
      body.arrive()
      await body.done
    }

    const one = receiving(first, 50, 50)
    const two = receiving(second, 50, 50)

    await expect(two.done).rejects.toMatchObject({ reason: 'too-large', scope: 'item', retryable: false })
    second.close()
    await settled()
    expect(one.hasBegun).toBe(true)
  })

  it('fails the call of a lone request whose bodies do not fit', async () => {
    const memory = new BodyMemory(100).open()
    const one = receiving(memory, 60, 60)
    one.arrive()
    await one.done

    await expect(receiving(memory, 60, 60).done).rejects.toMatchObject({ reason: 'too-large' })
  })

  it('is free again when a call fails, and when the bodies of a request are cleared', async () => {
    const run = new BodyMemory(100)
    const memory = run.open()
    const failed = memory.receive(
      100,
      () => Promise.reject(new Error('broken')),
      () => 100,
    )
    await expect(failed).rejects.toThrow('broken')
    const one = receiving(memory, 100, 100)
    one.arrive()
    await one.done
    memory.clear()

    const two = receiving(run.open(), 100, 0)
    await settled()

    expect(two.hasBegun).toBe(true)
  })
})
