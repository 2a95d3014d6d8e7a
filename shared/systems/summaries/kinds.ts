/** What can be summarised; `macro` first, which has one key only. */
export const SUMMARY_KINDS = ['macro', 'position', 'technical', 'fundamental'] as const

/** The kind of a summary. */
export type SummaryKind = (typeof SUMMARY_KINDS)[number]
