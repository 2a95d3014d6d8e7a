import { readFile } from 'node:fs/promises'
import type { Upstream } from '#shared/declare/upstream.ts'
import { StartError } from '../host/lifecycle.ts'

/** What stand-ins are given in place of a key: told from everything else, so that it is known where it shows. */
export const SIMULATED_KEY = 'key-of-a-stand-in'

/**
 * The secrets on this machine, by parameter name: the operator's from a file, and a dummy for each provider that a
 * stand-in answers for, so that it never sees a real one.
 *
 * @param file - a JSON object of parameter name to value; may be absent
 * @throws {StartError} when the file holds anything else; never with what it holds
 */
export async function localSecrets(
  file: string,
  upstreams: readonly Pick<Upstream, 'name' | 'secret'>[],
  standIns: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const dummies = upstreams
    .filter(({ name }) => standIns.includes(name))
    .flatMap(({ secret }) => (secret === undefined ? [] : [[secret.parameter, SIMULATED_KEY] as const]))
  return new Map([...Object.entries(await readSecrets(file)), ...dummies])
}

async function readSecrets(file: string): Promise<Record<string, string>> {
  const value = parseJson(await readText(file))
  const legal =
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((secret) => typeof secret === 'string' && secret !== '')
  if (legal) return value as Record<string, string>
  throw new StartError([`${file}: expected a JSON object of parameter names to secrets, got something else`])
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '{}'
    throw error
  }
}

/** `undefined` for text that is not JSON; the parser's own message would quote it. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** A line for each provider that cannot be asked for want of its key. */
export function missingSecretNotes(
  upstreams: readonly Pick<Upstream, 'title' | 'secret'>[],
  secrets: ReadonlyMap<string, string>,
  file: string,
): string[] {
  return upstreams.flatMap(({ title, secret }) =>
    secret === undefined || secrets.has(secret.parameter)
      ? []
      : [`${title} needs a key: put {"${secret.parameter}": "<key>"} into ${file} and start again`],
  )
}
