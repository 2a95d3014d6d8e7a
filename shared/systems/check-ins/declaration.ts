import type { Parameter } from '#shared/declare/route.ts'
import { checkInsOff } from '#shared/upstreams/check-ins/settings.ts'
import { PROJECT_ID_PATTERN } from './keys.ts'

/** What the declarations of all check-in jobs have in common. */
export const CHECK_IN_JOB = {
  off: checkInsOff,
  upstream: 'check-ins',
  stored: 'items',
  coldFillsPerMinute: 10,
  envelope: 'message',
} as const

/** What the jobs have in common that refresh one kind of data of each ongoing project: they read the list of projects. */
export const PROJECT_JOB = {
  ...CHECK_IN_JOB,
  priority: 'P1',
  inputs: [{ items: 'check-in-projects' }],
  follows: ['check-in-projects'],
} as const

/**
 * How long check-in data are served: they are personal, so that they are kept for three days only.
 *
 * @param freshFor - milliseconds
 */
export function checkInFreshness(freshFor: number) {
  return {
    freshFor,
    jitter: 0.1,
    serveStaleFor: '24 hours',
    keepFor: '3 days',
    notFoundFor: '60 seconds',
  } as const
}

/** How a run asks the provider, which is called once at a time. */
export function checkInRun(deadline: '120 seconds' | '180 seconds' | '300 seconds') {
  return { mode: 'plain', deadline, attempts: 2, backoff: '2 seconds', concurrency: 1 } as const
}

/** The parameter `{id}` of a path: a project. */
export const PROJECT_ID: Parameter = { pattern: PROJECT_ID_PATTERN, about: 'a project, 1 to 20 digits' }

/**
 * The form of the keys of a job that stores one kind of data for each project.
 *
 * @param kind - the end of the key, as a pattern: `stats`
 */
export function projectKeys(kind: string): Parameter {
  return {
    pattern: `[a-z0-9-]{1,20}:project:${PROJECT_ID_PATTERN}:${kind}`,
    about: 'prefix, project and kind of data, separated by colons',
  }
}
