import fc from 'fast-check'

/*
 * Set-up of the projects with generated inputs. `TEST_SEED` fixes what fast-check generates, as in the gate: there, a failure
 * belongs to the change. Without it every run generates other inputs.
 */

const seed = process.env['TEST_SEED']
if (seed !== undefined) {
  if (!/^-?\d{1,9}$/.test(seed)) throw new Error(`TEST_SEED: expected a whole number, got ${seed}`)
  fc.configureGlobal({ seed: Number(seed) })
}
