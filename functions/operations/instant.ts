const ISO_UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z$/

/** Milliseconds of an ISO time in UTC since the epoch; `undefined` for anything else, 30 February and 1969 included. */
export function parseIsoTime(text: unknown): number | undefined {
  if (typeof text !== 'string' || !ISO_UTC.test(text)) return undefined
  const at = Date.parse(text)
  const isThatDay = at >= 0 && new Date(at).toISOString().slice(0, 16) === text.slice(0, 16)
  return isThatDay ? at : undefined
}

/** ISO 8601 in UTC, `null` for what never was. */
export function isoOrNull(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString()
}
