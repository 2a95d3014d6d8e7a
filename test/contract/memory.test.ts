import { describe, it } from 'vitest'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { runs } from '#test/support/runs.ts'
import { historyContract } from './history-contract.ts'
import { racePurges } from './purge-races.ts'
import { storeContract } from './store-contract.ts'

const clock = { now: () => T0 }

describe('the in-memory store', () => {
  storeContract(async () => memoryStore(clock))
  historyContract(async () => memoryStore(clock))

  it.each(['items', 'snapshot'] as const)(
    'purges that race runs leave no %s that a purge of all cannot reach',
    async (stored) => {
      for (let seed = 1; seed <= runs(1_000, 60); seed += 1)
        await racePurges(stored, memoryStore(clock), seed)
    },
    60_000,
  )
})
