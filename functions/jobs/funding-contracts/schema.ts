/** The job has no route: only the job `funding-rates` reads its set. */
export const schemas = {}
