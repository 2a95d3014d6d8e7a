import { describe } from 'vitest'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { T0 } from '#test/fakes/store/samples.ts'
import { storeContract } from './store-contract.ts'

describe('the in-memory store', () => {
  storeContract(async () => memoryStore({ now: () => T0 }))
})
