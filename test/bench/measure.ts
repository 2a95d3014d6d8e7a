import { systemRandom } from '#shared/adapters/system-clock.ts'

export function shuffled<T>(all: readonly T[]): T[] {
  return all
    .map((one) => ({ one, order: systemRandom() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one)
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Says how a figure stands to the most it may be; one above makes the whole command fail. */
export function gate(what: string, value: number, most: number): void {
  const passed = value <= most
  if (!passed) process.exitCode = 1
  process.stdout.write(`${passed ? 'ok    ' : 'ABOVE '} ${value.toFixed(3)} (at most ${most})  ${what}\n`)
}

export function note(what: string, value: number): void {
  process.stdout.write(`       ${value.toFixed(3)}  ${what}\n`)
}
