/** What an operator reads when an alarm rings. */
export interface RunbookEntry {
  /** What it means for the data and for readers. */
  readonly meaning: string
  /** Where to look, in order. */
  readonly diagnosis: readonly string[]
  /** What to do about what was found. */
  readonly actions: readonly string[]
}
