/** What the machine of a task asks the job's function for. */
export type TaskStep =
  /** Gate, lease and plan; again after a wait while another run holds the lease. */
  | { readonly step: 'begin'; readonly run: string }
  /** One part of the plan. */
  | { readonly step: 'chunk'; readonly run: string; readonly chunk: number }
  /** Publishes what belongs together, writes the result, and records the outcome. */
  | { readonly step: 'finish'; readonly run: string }
  /** Ends a task whose machine failed. */
  | { readonly step: 'close'; readonly run: string; readonly error: string }

/** What the machine does next. */
export type NextStep =
  | { readonly next: 'wait'; readonly seconds: number }
  | { readonly next: 'chunks'; readonly chunks: readonly ChunkInput[] }
  | { readonly next: 'finish' }
  /** `failed`: so that the machine's own figures say so too. */
  | { readonly next: 'end' | 'failed' }

/** What one branch of the machine is told. */
interface ChunkInput {
  readonly run: string
  readonly chunk: number
}
