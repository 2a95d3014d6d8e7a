/** A number in [0, 1), uniformly distributed. */
export type Random = () => number

export const systemRandom: Random = () => Math.random()
