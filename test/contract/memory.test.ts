import { describe } from 'vitest'
import { memoryStore } from '#test/fakes/store/memory-store.ts'
import { storeContract } from './store-contract.ts'

describe('the in-memory store', () => {
  storeContract(async () => memoryStore())
})
