import type { Parameter } from '#shared/declare/route.ts'
import { PROJECT_ID_PATTERN } from './keys.ts'

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
