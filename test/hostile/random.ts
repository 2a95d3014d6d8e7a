/** A number in [0, 1) from a text: the same text, the same number. FNV-1a with a final mix, so that last letters count. */
export function fractionOf(text: string): number {
  let hash = 0x811c9dc5
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) >>> 0
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35) >>> 0
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** A list in an order that the seed decides. */
export function shuffled<T>(list: readonly T[], seed: number, nameOf: (member: T) => string): readonly T[] {
  return list
    .map((member) => ({ member, order: fractionOf(`${seed} ${nameOf(member)}`) }))
    .toSorted((a, b) => a.order - b.order)
    .map(({ member }) => member)
}
