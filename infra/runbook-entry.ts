/** What an operator reads when an alarm rings. */
export interface RunbookEntry {
  /** What it means for the data and for readers. */
  readonly means: string
  /** Where to look, in order. */
  readonly look: readonly string[]
  /** What to do about what was found. */
  readonly act: readonly string[]
}
