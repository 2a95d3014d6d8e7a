import { baseUrlSetting, type Upstream } from '#shared/declare/upstream.ts'
import type { SimulatedProvider } from './recorded/provider.ts'
import { StartError } from './start-error.ts'

/**
 * Which providers a stand-in answers for: all that the operator gave no base URL of his own.
 *
 * @throws {StartError} naming each provider that has none
 */
export function providersToSimulate(
  upstreams: readonly Pick<Upstream, 'name'>[],
  settings: Readonly<Record<string, string>>,
  recorded: Readonly<Record<string, SimulatedProvider>>,
): readonly string[] {
  const wanted = upstreams.map(({ name }) => name).filter((name) => !(baseUrlSetting(name) in settings))
  const missing = wanted.filter((name) => !Object.hasOwn(recorded, name))
  if (missing.length === 0) return wanted
  throw new StartError(
    missing.map((name) => `no recording of ${name}; set ${baseUrlSetting(name)}, or start with --live`),
  )
}

/** The settings that lead to the stand-ins. */
export function simulatedBaseUrls(names: readonly string[], origin: string): Record<string, string> {
  return Object.fromEntries(names.map((name) => [baseUrlSetting(name), `${origin}/${name}`]))
}
