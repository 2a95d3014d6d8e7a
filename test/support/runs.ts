/** Part of the full number of runs in the gate, whose generated inputs are the same each time. */
const GATE_SHARE = 0.4

/**
 * How often a slow test with generated inputs runs: a sample in `npm test`, two fifths in the gate, all in `npm run test:full`.
 *
 * @param full - the number of runs that the claim stands on; `TEST_RUNS=full`
 * @param sample - the number of runs without `TEST_RUNS`; at least one, and the least with `TEST_RUNS=gate`
 * @throws for another value of `TEST_RUNS`
 */
export function runs(full: number, sample: number): number {
  const wish = process.env['TEST_RUNS']
  switch (wish) {
    case undefined:
      return sample
    case 'gate':
      return Math.max(sample, Math.ceil(full * GATE_SHARE))
    case 'full':
      return full
    default:
      throw new Error(`TEST_RUNS: expected gate, full or nothing, got ${wish}`)
  }
}
