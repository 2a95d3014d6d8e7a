/** What an event is about; OTHER if no word decides. */
export const EVENT_CATEGORIES = [
  'WAR',
  'TERRORISM',
  'ENERGY_CRISIS',
  'TRADE_DISPUTE',
  'POLITICAL_UNREST',
  'DIPLOMATIC_CRISIS',
  'OTHER',
] as const

export type EventCategory = (typeof EVENT_CATEGORIES)[number]

/** How grave an event is, least first. */
export const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const

export type Severity = (typeof SEVERITIES)[number]
