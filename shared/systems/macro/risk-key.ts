/** The key of the one item of the job `macro-risk`. */
export const RISK_KEY = 'overall'
