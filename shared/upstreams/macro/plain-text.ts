/**
 * The text of a piece of HTML: without tags, comments and scripts, with its entities decoded once and its white space
 * collapsed. A tag that is cut off at the end of the text is removed too. Signs that only look like a tag, such as `<` before
 * a space or a digit, stay.
 *
 * The result is text, not HTML: `&lt;b&gt;` becomes `<b>`, which has to be escaped before it is part of a page.
 *
 * @param maxLength - largest length in code points; the rest is cut off
 * @example plainText('<a href="https://x.test/war-room">Recipes</a> for &amp; with friends', 500)
 *   // 'Recipes for & with friends'
 */
export function plainText(html: string, maxLength: number): string {
  const text = decodeEntities(withoutTags(html.slice(0, MAX_HTML_LENGTH).toWellFormed()))
  return Array.from(collapse(text)).slice(0, maxLength).join('').trimEnd()
}

/** Longer texts are cut before they are read. */
const MAX_HTML_LENGTH = 4_000

/** Comments, and elements whose content is no text; one that does not close reaches to the end. */
const HIDDEN = /<!--[\s\S]*?(?:-->|$)|<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)/gi

/** A tag, with `>` allowed in quoted attributes. */
const TAG = /<(?:[!?]|\/?([a-z][a-z0-9-]*))(?:"[^"]*"|'[^']*'|[^'"<>])*>/gi

/** What remains: a tag whose quotes do not match, or one that is cut off at the end. */
const BROKEN_TAG = /<(?:[!?]|\/?[a-z])[^<>]*(?:>|$)/gi

/** Elements that do not separate the words around them. */
const INLINE = new Set([
  'a',
  'abbr',
  'b',
  'em',
  'font',
  'i',
  'mark',
  's',
  'small',
  'span',
  'strong',
  'sub',
  'sup',
  'u',
  'wbr',
])

function withoutTags(html: string): string {
  return html
    .replaceAll(HIDDEN, ' ')
    .replaceAll(TAG, (_, name: string | undefined) => (INLINE.has(name?.toLowerCase() ?? '') ? '' : ' '))
    .replaceAll(BROKEN_TAG, ' ')
}

/** The entities that occur in news, by name. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  hellip: '…',
  ndash: '–',
  mdash: '—',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  euro: '€',
  pound: '£',
}

/** Decodes each entity once: `&amp;lt;` becomes `&lt;`. Unknown names stay. */
function decodeEntities(text: string): string {
  return text.replaceAll(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi,
    (entity, decimal?: string, hexadecimal?: string, name?: string) => {
      if (name !== undefined) return Object.hasOwn(NAMED, name) ? (NAMED[name] ?? entity) : entity
      const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
      return code > 0x10ffff ? ' ' : String.fromCodePoint(code)
    },
  )
}

/** White space and control characters become one space; characters that have no width are removed. */
function collapse(text: string): string {
  return text
    .replaceAll(/[\p{Cf}\p{Cs}]/gu, '')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
}
