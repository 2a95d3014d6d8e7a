import type { Dataset } from '../dataset.ts'
import type { RowKey } from '../sample/row-key.ts'
import { Imports, literal } from './code.ts'
import { RECORD_KEY } from './refresh.ts'
import { entryParameter, entryPath } from './views.ts'

/** `job.ts`: the declaration. */
export function jobFile(dataset: Dataset): string {
  const { id, title, upstream, key, every, offset, freshFor, readPath } = dataset
  const imports = new Imports()
  imports.add('#shared/declare/job.ts', 'defineJob')
  imports.add('#shared/declare/schedule.ts', 'every')
  const about = `${title} of ${upstream.title}${key ? `, by ${key.served.replaceAll('_', ' ')}` : ''}`
  const schedule = offset === undefined ? `every('${every}')` : `every('${every}', { offset: '${offset}' })`
  return `${imports.text()}

/** ${about}. */
export const job = defineJob({
  id: '${id}',
  title: ${literal(title)},
  priority: 'P2',
  settings: {},
  // Confirm: how often the provider updates its data, and how old they may be for readers
  schedule: ${schedule},
  upstream: '${upstream.name}',
  freshness: { freshFor: '${freshFor}', serveStaleFor: '1 day', keepFor: '7 days' },
  run: { mode: 'plain', deadline: '1 minute', attempts: 2, backoff: '2 seconds' },
  stored: '${key ? 'snapshot' : 'items'}',
  envelope: 'plain',
  reads: [
    {
      path: ${literal(readPath)},
      about: ${literal(about)},
      key: '${key ? 'all' : RECORD_KEY}',
      access: 'public',
      effect: 'read',
      cold: 'wait',
    },${key ? entryRoute(dataset, key) : ''}
  ],
})
`
}

/** The route of one entry. */
function entryRoute(dataset: Dataset, key: RowKey): string {
  const parameter = entryParameter(key)
  const about = `one ${parameter.replaceAll('_', ' ')}`
  return `
    {
      path: ${literal(entryPath(dataset, key))},
      about: ${literal(`${dataset.title} of ${dataset.upstream.title}: ${about}`)},
      parameters: { ${parameter}: { pattern: '[^/]{1,40}', about: '${about}' } },
      view: 'entry',
      access: 'public',
      effect: 'read',
      cold: 'refuse',
    },`
}

/** `handler.ts`: the same for every job. */
export const HANDLER_FILE = `import { jobFunction } from '#functions/runtime/job-function.ts'
import { job } from './job.ts'
import { refresh } from './refresh.ts'

export const handler = jobFunction(job, refresh)
`
