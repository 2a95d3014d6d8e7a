/** Longer texts are cut before they are read. */
const MAX_TEXT_LENGTH = 20_000

/** A tag of the provider, such as `<e type="hashtag" title="%23morning%23" />`; one that is cut off reaches to the end. */
const TAG = /<e\s+[a-z_]+=[^<>]*(?:>|$)|<\/e>/gi

/** Control characters but line feeds and tabs, and marks that turn the direction of the text around them. */
const INVISIBLE = /[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu

/**
 * The text of a topic or a project without markup: each tag is replaced by its decoded title, and removed if that cannot be
 * decoded. Ids within tags are dropped; the title of a mention is the name of a member.
 *
 * The result is text, not HTML.
 *
 * @param maxLength - largest length in code points; the rest is cut off
 */
export function checkInText(text: string, maxLength: number): string {
  const plain = text
    .slice(0, MAX_TEXT_LENGTH)
    .toWellFormed()
    .replaceAll(TAG, tagTitle)
    .replaceAll(INVISIBLE, '')
  return firstCharacters(plain.trim(), maxLength)
}

/** As {@link checkInText}, on one line. */
export function checkInLine(text: string, maxLength: number): string {
  return firstCharacters(checkInText(text, MAX_TEXT_LENGTH).replaceAll(/\s+/g, ' '), maxLength)
}

/** The beginning of a text, in code points. */
function firstCharacters(text: string, maxLength: number): string {
  return Array.from(text).slice(0, maxLength).join('').trimEnd()
}

function tagTitle(tag: string): string {
  const [, title = ''] = tag.endsWith('>') ? (/\stitle="([^"]*)"/i.exec(tag) ?? []) : []
  try {
    return decodeURIComponent(title)
  } catch (error) {
    // broken percent encoding
    if (error instanceof URIError) return ''
    throw error
  }
}
