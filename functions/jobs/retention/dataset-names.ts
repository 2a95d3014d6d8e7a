/** The documented names of datasets, where they differ from the id of their job. */
const DOCUMENTED_NAMES: Readonly<Record<string, string>> = {
  technical: 'technical_indicators',
  fundamental: 'fundamental_data',
  'geo-events': 'geopolitical_events',
  'macro-risk': 'macro_risk_scores',
}

/** The name of a job's dataset in the report: the documented one, else the id of the job with underscores. */
export function datasetName(job: string): string {
  return DOCUMENTED_NAMES[job] ?? job.replaceAll('-', '_')
}
