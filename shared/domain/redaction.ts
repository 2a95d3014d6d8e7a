/**
 * Returns a function that masks credentials in text that leaves the process: logs, errors, rejected bodies (I10).
 *
 * It masks
 * - the value of a query parameter that contains a key (`api_key=…`, `token=…`), up to the next `&` or the URL's end;
 * - the value of a header that contains one, as `name: value` to the end of the line and as JSON `"name":"value"`;
 * - every occurrence of a secret, verbatim or with percent encoding, `+` for a space or JSON escapes.
 *
 * Each becomes `[redacted]`, or one block character when a secret is part of that mark.
 *
 * Secrets are also searched for without surrounding white space. A secret of fewer than four characters is not searched
 * for by value: no real credential is that short, and masking every `a` would make the text unreadable and still reveal
 * the positions of the letter. The first two rules still mask it.
 *
 * Redact a text before truncating it: half a secret is not recognised.
 *
 * @example
 * redactor(['s3cr3t'])('GET /q?symbol=IBM&apikey=s3cr3t') // 'GET /q?symbol=IBM&apikey=[redacted]'
 */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const values = [...new Set(secrets.flatMap((secret) => [secret, secret.trim()]))].filter(
    (secret) => secret.length >= MIN_SECRET_LENGTH,
  )
  const searches = values.map(encodedSearch)
  const mark = markFor(values)
  return (text) =>
    mask(text, mark, [
      ...PATTERNS.flatMap((pattern) => valuesOf(text, pattern)),
      ...searches.flatMap((search) => search(text)),
    ])
}

/**
 * The start of a text as one printable line: at most `maxLength` UTF-16 units, never half a character; control, format
 * and unpaired surrogate characters become `\n`, `\r`, `\t` or `\uXXXX`.
 */
export function excerpt(text: string, maxLength = MAX_EXCERPT_LENGTH): string {
  let line = ''
  for (const character of text) {
    const piece = UNSAFE.test(character) ? escaped(character) : character
    if (line.length + piece.length > maxLength) break
    line += piece
  }
  return line
}

const MIN_SECRET_LENGTH = 4
const MAX_EXCERPT_LENGTH = 200

const HEADERS = '(?:authorization|cookie|x-api-key|x-cg-demo-api-key|x-cg-pro-api-key|x-finnhub-token)'
const JSON_TEXT = '(?:[^"\\\\]|\\\\[^])*'

/** Each pattern captures the value to mask. A header may have a prefix: `set-cookie`, `proxy-authorization`. */
const PATTERNS = [
  /(?:(?<![\w-])|(?<=%3F|%26|\\u003F|\\u0026))(?:api_?key|(?:access_)?token|key|x_cg_(?:demo|pro)_api_key)(?:=|%3D)([^&#\s"<>\\`]+)/dgi,
  new RegExp(`${HEADERS}"\\s*:\\s*"(${JSON_TEXT})`, 'dgi'),
  new RegExp(`${HEADERS}"\\s*:\\s*\\[\\s*"(${JSON_TEXT}(?:"\\s*,\\s*"${JSON_TEXT})*)`, 'dgi'),
  new RegExp(`${HEADERS}(?!"\\s*:\\s*\\[?\\s*")["'\\\\]*\\s*[:=]\\s*(\\S[^\\r\\n]*)`, 'dgi'),
]

const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u
const SHORT_ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function valuesOf(text: string, pattern: RegExp): Range[] {
  return [...text.matchAll(pattern)].flatMap(({ indices }) => (indices?.[1] ? [indices[1]] : []))
}

/** Replaces each range by a mark; ranges that overlap or touch become one. */
function mask(text: string, mark: string, ranges: Range[]): string {
  let masked = ''
  let maskedTo = 0
  for (const [start, end] of ranges.filter(([from, to]) => to > from).sort(([a], [b]) => a - b)) {
    if (start > maskedTo || maskedTo === 0) masked += text.slice(maskedTo, start) + mark
    maskedTo = Math.max(maskedTo, end)
  }
  return masked + text.slice(maskedTo)
}

/** A mark that contains no secret and cannot form one with the text around it. */
function markFor(secrets: readonly string[]): string {
  if (!secrets.some((secret) => /[[\]]/.test(secret) || 'redacted'.includes(secret))) return '[redacted]'
  let code = 0x2588
  while (secrets.some((secret) => secret.includes(String.fromCharCode(code)))) code++
  return String.fromCharCode(code)
}

function escaped(character: string): string {
  return SHORT_ESCAPES[character] ?? character.split('').map(unicodeEscape).join('')
}

function unicodeEscape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** A range of a text: from the first index up to, not including, the second. */
type Range = readonly [start: number, end: number]

/**
 * A search for a value in every spelling that a text may use: verbatim, percent-encoded in whole or in part and in
 * either case, with `+` for a space, or with JSON escapes, required or not. The spelling may change from one character
 * to the next, because programs differ in which characters they escape.
 *
 * @param value - must not be empty
 * @returns a function that lists every occurrence; occurrences may overlap
 */
function encodedSearch(value: string): (text: string) => Range[] {
  const characters = Array.from(value, encodedCharacter)
  const beginnings = new Set(['%', '\\', '+', ...value.slice(0, 1)])
  return (text) => {
    const matches: Range[] = []
    for (let start = 0; start < text.length; start++) {
      if (!beginnings.has(text.charAt(start))) continue
      const end = matchEnd(text, start, characters)
      if (end !== null) matches.push([start, end])
    }
    return matches
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

/** Tracks all possible readings at once: a backslash may be one letter, or half of an escaped one. */
function matchEnd(text: string, start: number, characters: readonly EncodedCharacter[]): number | null {
  let ends = new Set([start])
  for (const { exact, hexadecimal } of characters) {
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
