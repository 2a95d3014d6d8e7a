/** Where something stands in a text: from the first index up to, not including, the second. */
export type Range = readonly [start: number, end: number]

/**
 * A search for a value in all the ways a text may spell it: as it is, percent-encoded in whole or in part and in
 * either case, with `+` for a space, or with JSON escapes, needed or not. The ways may alternate from one character
 * to the next, as they do between programs that escape different characters.
 *
 * @returns a function that lists every place where the value, which must not be empty, begins; places may overlap
 */
export function encodedSearch(value: string): (text: string) => Range[] {
  const letters = Array.from(value, encodedCharacter)
  const beginnings = new Set(['%', '\\', '+', ...value.slice(0, 1)])
  return (text) => {
    const found: Range[] = []
    for (let start = 0; start < text.length; start++) {
      if (!beginnings.has(text.charAt(start))) continue
      const end = matchEnd(text, start, letters)
      if (end !== null) found.push([start, end])
    }
    return found
  }
}

interface EncodedCharacter {
  /** Spellings whose case matters. */
  readonly exact: readonly string[]
  /** Escapes with hexadecimal digits, in lower case. */
  readonly hexadecimal: readonly string[]
}

const ESCAPED_FORMS: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  ' ': '+',
}

function encodedCharacter(character: string): EncodedCharacter {
  const short = ESCAPED_FORMS[character]
  return {
    exact: short === undefined ? [character] : [character, short],
    hexadecimal: [
      [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join(''),
      character
        .split('')
        .map((unit) => `\\u${hex(unit.charCodeAt(0), 4)}`)
        .join(''),
    ],
  }
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** Follows all readings at once: a backslash may be one letter, or half of an escaped one. */
function matchEnd(text: string, start: number, letters: readonly EncodedCharacter[]): number | null {
  let ends = new Set([start])
  for (const { exact, hexadecimal } of letters) {
    const next = new Set<number>()
    for (const at of ends) {
      for (const spelling of exact) if (text.startsWith(spelling, at)) next.add(at + spelling.length)
      for (const spelling of hexadecimal) {
        const end = at + spelling.length
        if (text.slice(at, end).toLowerCase() === spelling) next.add(end)
      }
    }
    if (next.size === 0) return null
    ends = next
  }
  return Math.max(...ends)
}
