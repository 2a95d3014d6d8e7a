import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** The parsed body of one case from the field. */
export function readCase<T>(name: string): T {
  const root = process.env['FRESHET_REFERENCE']
  if (root === undefined)
    throw new Error('expected FRESHET_REFERENCE to name the folder of the reference data')
  return JSON.parse(readFileSync(join(root, 'cases', `${name}.json`), 'utf8')) as T
}
