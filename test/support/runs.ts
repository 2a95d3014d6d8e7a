/**
 * How often a slow test with generated inputs runs: a sample in `npm test`, all of `full` when `TEST_RUNS` is `full`, as in
 * `npm run test:full`.
 *
 * @param full - the number of runs that the claim stands on
 * @param sample - the number of runs in `npm test`; at least one
 */
export function runs(full: number, sample: number): number {
  const wish = process.env['TEST_RUNS']
  if (wish !== undefined && wish !== 'full')
    throw new Error(`TEST_RUNS: expected full or nothing, got ${wish}`)
  return wish === 'full' ? full : sample
}
