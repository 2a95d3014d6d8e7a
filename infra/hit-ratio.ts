/** Below so many reads in a period a single one decides. */
const MIN_READS = 100

/**
 * Percent of the reads that were answered from what was stored, over the series `reads` and `hits`; 100 where there
 * are too few to judge.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const HIT_RATIO_EXPRESSION = `IF(reads >= ${MIN_READS}, 100 * hits / reads, 100)`
