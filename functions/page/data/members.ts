/** The members of a record and of those in it, by their paths: `signals.ha_close`. */
export function membersOf(value: unknown, path = ''): readonly (readonly [path: string, member: unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[path, value]]
  const entries = Object.entries(value)
  if (entries.length === 0 && path !== '') return [[path, value]]
  return entries.flatMap(([name, member]) => membersOf(member, path === '' ? name : `${path}.${name}`))
}

const MAX_TEXT = 300

/** A value as text: long ones are cut, because the raw response has them whole. */
export function cellText(value: unknown): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  // a sign of two code units is not cut in half
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT).replace(/[\uD800-\uDBFF]$/, '')}…`
}
