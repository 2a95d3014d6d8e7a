import type { Call } from '#shared/engine/model/refresh.ts'
import type { Contract } from '#shared/systems/funding/contracts.ts'

/** How one venue is asked for its contracts, and how its answers are read. Pure. */
export interface ContractSource {
  readonly calls: readonly Call[]
  /** The call for the page after these, until there is none. */
  readonly nextPage?: (bodies: readonly object[]) => Call | undefined
  /**
   * All contracts of the answers to every call, in their order, whether wanted or not.
   *
   * @throws for a body that has not the declared shape, or that holds no contract
   */
  readonly parse: (bodies: readonly object[]) => readonly Contract[]
}
