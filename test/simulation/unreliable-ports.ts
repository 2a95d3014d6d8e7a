import type { Store } from '#shared/domain/ports/store.ts'
import type { Ports } from '#shared/engine/model/run-state.ts'
import type { Chance } from './random.ts'

/** Faults that may happen to one process, and the listener to them. */
export interface Fate {
  readonly chance: Chance
  /** From then on nothing goes wrong any more. */
  readonly isQuiet: () => boolean
  /** Called right after each effect, before another process can act. */
  readonly afterStep: () => void
  /** Called as each call of the upstream begins. */
  readonly beforeCall: () => void
}

/**
 * The ports of one process that lives dangerously: each call takes time, sometimes minutes; it may fail before or
 * after its effect; the clock is off by less than half a second. One process in four dies at some call, before or
 * after its effect: the call never returns.
 */
export function frailPorts(ports: Ports, { chance, isQuiet, afterStep, beforeCall }: Fate): Ports {
  const skew = chance.between(-400, 400)
  const dying = chance.is(0.25) ? chance.between(1, 30) : Number.POSITIVE_INFINITY
  const diesAfterEffect = chance.is(0.5)
  let steps = 0

  const latency = () => {
    if (isQuiet() || chance.is(0.9)) return chance.between(1, 60)
    return chance.is(0.85) ? chance.between(1_000, 15_000) : chance.between(60_000, 400_000)
  }
  const step = async <T>(act: () => Promise<T>, faults = 0.02): Promise<T> => {
    steps += 1
    const isLast = steps >= dying && !isQuiet()
    if (isLast && !diesAfterEffect) return new Promise(() => {})
    await ports.clock.sleep(latency())
    if (!isQuiet() && chance.is(faults)) throw new Error('simulated: nothing was done')
    const acting = act()
    afterStep()
    const result = await acting
    if (isLast) return new Promise(() => {})
    if (!isQuiet() && chance.is(faults / 2)) throw new Error('simulated: done, but the answer was lost')
    return result
  }
  const frail = <T extends object>(part: T): T =>
    new Proxy(part, {
      get: (target, name) => {
        const method = Reflect.get(target, name) as (...all: unknown[]) => Promise<unknown>
        return (...all: unknown[]) => step(() => method.apply(target, all))
      },
    })

  const parts = Object.entries(ports.store).map(([name, part]) => [name, frail(part)])
  const store: Store = Object.fromEntries(parts)
  return {
    ...ports,
    clock: { now: () => ports.clock.now() + skew, sleep: ports.clock.sleep },
    random: chance.next,
    bus: frail(ports.bus),
    store,
    http: async (request) => {
      beforeCall()
      return step(() => ports.http(request), 0)
    },
  }
}
