import type { Store } from '#shared/domain/ports/store.ts'

/** One call of a store. */
interface StoreCall {
  readonly part: keyof Store
  readonly writes: boolean
}

/**
 * What becomes of one call. `refuse`: thrown back, nothing done; `lost`: done, its answer lost, and done again, as the
 * SDK does; `die`: the process is killed before it; `die-after`: killed between the effect and its answer.
 */
type StoreFault = 'pass' | 'refuse' | 'lost' | 'die' | 'die-after'

/** Decides about each call; while it is undecided, the call waits. */
export type StoreScript = (call: StoreCall) => StoreFault | Promise<StoreFault>

type Method = (...all: unknown[]) => Promise<unknown>

const READS: readonly string[] = [
  'get',
  'getMany',
  'head',
  'entries',
  'list',
  'entities',
  'count',
  'getColdEnd',
]

/**
 * A store as one process sees it, to which anything may happen between two calls. What is kept, `store` keeps.
 *
 * @param died - called when the process is killed: its calls from then on do nothing and never return
 */
export function unreliableStore(store: Store, script: StoreScript, died: () => void = () => {}): Store {
  const never = new Promise<never>(() => {})
  let isDead = false
  const die = () => {
    isDead = true
    died()
    return never
  }
  const befall = async (call: StoreCall, act: () => Promise<unknown>) => {
    const fate = await script(call)
    if (fate === 'refuse') throw new Error('simulated: nothing was done')
    if (isDead || fate === 'die') return die()
    const result = await act()
    if (fate === 'die-after') return die()
    return fate === 'lost' ? act() : result
  }
  const parts = Object.entries(store).map(([name, part]: [string, object]) => [
    name,
    new Proxy(part, {
      get: (target, method: string) => {
        const act = Reflect.get(target, method) as Method
        const call = { part: name as keyof Store, writes: !READS.includes(method) }
        return (...all: unknown[]) => befall(call, () => act.apply(target, all))
      },
    }),
  ])
  return Object.fromEntries(parts)
}
