const SMALL = 'zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve'

/** Words of larger numbers: they are figures, which are written in digits. */
const LARGE = new RegExp(
  `\\b(?:${[
    ...['thirteen', 'fourteen', 'fifteen', 'sixteen', 'seventeen', 'eighteen', 'nineteen'],
    ...['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'],
    ...['hundreds?', 'thousands?', 'millions?', 'billions?', 'trillions?', 'dozens?'],
  ].join('|')})\\b`,
  'gi',
)

/** Small numbers that are no counts: shares, and decimals. */
const MEASURE = new RegExp(
  `\\b(?:${SMALL})[\\s-](?:percent|per cent|percentage points?|basis points?|point (?:${SMALL}))\\b`,
  'i',
)

/**
 * Whether the numbers in the words of a text are counts up to twelve, or belong to the name of a fact, such as
 * `average_of_fifty_days`.
 *
 * @param names - the names of the facts
 * @returns what is wrong with the first number that is neither
 */
export function numberWordFault(text: string, names: readonly string[]): string | undefined {
  const [measure] = MEASURE.exec(text) ?? []
  if (measure !== undefined) return `expected measures in digits, got ${measure}`
  const words = new Set(names.flatMap((name) => name.split('_')))
  for (const [word] of text.matchAll(LARGE)) {
    if (!words.has(word.toLowerCase())) return `expected numbers above twelve in digits, got ${word}`
  }
  return undefined
}
