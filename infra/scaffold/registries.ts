import { UsageError } from '#infra/command/report-user-errors.ts'
import { property } from './templates/code.ts'

/** The registries that name every job, provider and stand-in. */
export const REGISTRIES = {
  jobs: 'functions/jobs/index.ts',
  upstreams: 'shared/upstreams/index.ts',
  standIns: 'infra/local/simulated/index.ts',
} as const

/** The registry of jobs with one line more, before the first job of a later name. */
export function withJob(text: string, id: string, name: string): string {
  const line = `export { job as ${name} } from '#functions/jobs/${id}/job.ts'`
  const lines = text.trimEnd().split('\n')
  const later = lines.findIndex((each) => (/^export .*\/jobs\/([\w-]+)\/job\.ts'/.exec(each)?.[1] ?? '') > id)
  return `${lines.toSpliced(later < 0 ? lines.length : later, 0, line).join('\n')}\n`
}

/** The registry of providers with one more. The formatter orders its import. */
export function withUpstream(text: string, file: string, name: string): string {
  const list = /^export const upstreams\b.*= \[$[\s\S]*?(?=^\]$)/m
  return withImport(
    edited(text, list, (entries) => `${entries}  ${name},\n`, REGISTRIES.upstreams),
    name,
    `./${file}.ts`,
  )
}

/**
 * The registry of simulated providers with the stand-in of a job: for a provider that has one already, the new one answers
 * its own path, and the former the others.
 */
export function withStandIn(text: string, upstream: string, id: string, name: string): string {
  const key = property(upstream)
  const entry = new RegExp(`^  ${key.replaceAll("'", "'")}(?:: (.+))?,$`, 'm')
  const former = entry.exec(text)
  if (former) {
    const joined = text.replace(entry, () => `  ${key}: joinedProviders(${name}, ${former[1] ?? upstream}),`)
    const helper = withImport(joined, 'joinedProviders', './model/played-sample.ts')
    return withImport(helper, name, `./samples/${id}.ts`)
  }
  const table = /^export const simulatedProviders\b.*= \{$[\s\S]*?(?=^\}$)/m
  const value = key === name ? name : `${key}: ${name}`
  return withImport(
    edited(text, table, (entries) => `${entries}  ${value},\n`, REGISTRIES.standIns),
    name,
    `./samples/${id}.ts`,
  )
}

function edited(text: string, part: RegExp, change: (part: string) => string, file: string): string {
  if (!part.test(text))
    throw new UsageError(`${file}: expected the list of the registry (${part.source}), got a file without it`)
  return text.replace(part, change)
}

/** One import more, unless it is there. */
function withImport(text: string, name: string, module: string): string {
  const statement = `import { ${name} } from '${module}'\n`
  return text.includes(statement) ? text : `${statement}${text}`
}
