/** One part of a score: its weight within the whole, and its score, `null` if its input is missing. */
export interface Part {
  readonly weight: number
  readonly score: number | null
}

/** The weighted mean of the parts that are present, and the weight of those as a fraction of all. */
export interface WeightedScore {
  /** 0 to 100; `null` when too little is present. */
  readonly score: number | null
  /** 0 to 1. */
  readonly coverage: number
}

/** Weights are hundredths, so that their sums are exact. */
const MIN_COVERED = 60
const ALL = 100

/**
 * The mean of the parts that are present, weighted; `null` if they have less than 60 % of the weight. A missing part has no
 * neutral value: it is left out, and the others count for more.
 *
 * @param parts - weights in hundredths, 100 together
 */
export function weightedScore(parts: readonly Part[]): WeightedScore {
  let sum = 0
  let covered = 0
  for (const { weight, score } of parts) {
    if (score === null) continue
    sum += weight * score
    covered += weight
  }
  return { score: covered < MIN_COVERED ? null : sum / covered, coverage: covered / ALL }
}

/** The score of values up to a limit, `below` it or also `at` it. */
export interface Band {
  readonly limit: number
  readonly ends: 'below' | 'at'
  readonly score: number
}

/**
 * The score of a value by ascending bands: of the first that it belongs to, else `otherwise`; `null` without a finite value.
 */
export function bandScore(value: number | null, bands: readonly Band[], otherwise: number): number | null {
  if (value === null || !Number.isFinite(value)) return null
  const band = bands.find(({ limit, ends }) => value < limit || (ends === 'at' && value === limit))
  return band?.score ?? otherwise
}

/** A band of values below a limit. */
export const below = (limit: number, score: number): Band => ({ limit, ends: 'below', score })

/** A band of values up to and including a limit. */
export const upTo = (limit: number, score: number): Band => ({ limit, ends: 'at', score })
