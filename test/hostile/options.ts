import { parseArgs } from 'node:util'

/** How the attack runs; from the command line of `run.ts`, or from the environment. */
export interface HostileOptions {
  /** Decides which mutations a sample has, and which are combined. */
  readonly seed: number
  /** Every mutation, at least {@link ALL_ATTACKS} of the first profile of a job; else a sample. */
  readonly all: boolean
  /** Only profiles whose names begin like this. */
  readonly job: string | undefined
  /** Only the attack with this id. */
  readonly only: string | undefined
  /** A file that gets a line for every finding. */
  readonly report: string | undefined
}

/** Attacks of a job's first profile and of each other one: in a sample, and in the whole attack. */
export const SAMPLE = { first: 60, other: 15 }
export const ALL_ATTACKS = { first: 2_000, other: 1_000 }

const NAMES = ['seed', 'all', 'job', 'only', 'report'] as const

/** The environment variables that a command line stands for. @throws {TypeError} for an unknown option */
export function environmentOf(args: readonly string[]): Readonly<Record<string, string>> {
  const text = { type: 'string' } as const
  const { values } = parseArgs({
    args: [...args],
    options: { seed: text, all: { type: 'boolean' }, job: text, only: text, report: text },
  })
  return Object.fromEntries(
    NAMES.flatMap((name) =>
      values[name] === undefined ? [] : [[`HOSTILE_${name.toUpperCase()}`, String(values[name])]],
    ),
  )
}

/** @throws {TypeError} for a seed that is no whole number, or an attack without its job */
export function hostileOptions(
  env: Readonly<Record<string, string | undefined>>,
  now: number,
): HostileOptions {
  const { HOSTILE_SEED, HOSTILE_ALL, HOSTILE_JOB: job, HOSTILE_ONLY: only, HOSTILE_REPORT: report } = env
  const seed = HOSTILE_SEED === undefined ? now % 1_000_000 : Number(HOSTILE_SEED)
  if (!Number.isInteger(seed))
    throw new TypeError(`expected HOSTILE_SEED as a whole number, got ${HOSTILE_SEED}`)
  if (only !== undefined && job === undefined)
    throw new TypeError('expected --only with --job <profile>, got it alone')
  return { seed, all: HOSTILE_ALL === 'true', job, only, report }
}
