import type { Upstream } from '#shared/declare/upstream.ts'
import { parseObject, readIfExists } from '../host/files.ts'
import { StartError } from '../host/lifecycle.ts'

/** The API key that simulated providers receive. A unique text, so that a leak of it can be found. */
export const SIMULATED_KEY = 'key-of-a-simulated-provider'

/**
 * The secrets of this machine, by parameter name: the operator's file, and {@link SIMULATED_KEY} for each simulated
 * provider, so that a real key never reaches one.
 *
 * @param file - a JSON object of parameter name to value; may be absent
 * @throws {StartError} when the file holds anything else; the message never quotes it
 */
export async function localSecrets(
  file: string,
  upstreams: readonly Pick<Upstream, 'name' | 'secret'>[],
  simulated: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const simulatedKeys = upstreams
    .filter(({ name }) => simulated.includes(name))
    .flatMap(({ secret }) => (secret === undefined ? [] : [[secret.parameter, SIMULATED_KEY] as const]))
  return new Map([...Object.entries(await readSecrets(file)), ...simulatedKeys])
}

async function readSecrets(file: string): Promise<Record<string, string>> {
  const secrets = parseObject((await readIfExists(file)) ?? '{}')
  if (secrets && Object.values(secrets).every((secret) => typeof secret === 'string' && secret !== '')) {
    return secrets as Record<string, string>
  }
  throw new StartError([`${file}: expected a JSON object of parameter names to secrets, got something else`])
}

/** A line for each upstream whose API key is missing. */
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
