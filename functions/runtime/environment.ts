/** The environment of a function: names and changed settings, never a secret. */
export interface FunctionEnvironment {
  readonly table: string
  readonly bus: string
  readonly stage: string
  readonly version: string
  /** Whom a provider may write to; part of the user agent. */
  readonly contact?: string
  /** How readers are let in: `public` is anybody. */
  readonly readsAuth: string
  /** Origins whose pages may read. */
  readonly corsOrigins: readonly string[]
  /** ARNs of the state machines of jobs whose runs are tasks, by job. */
  readonly machines: ReadonlyMap<string, string>
  /** Settings that the stage changes, and whatever else is there. */
  readonly settings: Readonly<Record<string, string | undefined>>
}

/**
 * Reads the environment once, at the edge.
 *
 * @throws {TypeError} naming a variable that is missing
 */
export function functionEnvironment(
  variables: Readonly<Record<string, string | undefined>>,
): FunctionEnvironment {
  const contact = variables['FRESHET_CONTACT']
  return {
    table: required('FRESHET_TABLE'),
    bus: required('FRESHET_BUS'),
    stage: required('FRESHET_STAGE'),
    version: required('FRESHET_VERSION'),
    ...(contact ? { contact } : {}),
    readsAuth: variables['FRESHET_READS_AUTH'] ?? 'public',
    corsOrigins: variables['FRESHET_CORS_ORIGINS']?.split(',') ?? [],
    machines: new Map(Object.entries(JSON.parse(variables['FRESHET_MACHINES'] ?? '{}') as object)),
    settings: variables,
  }

  function required(name: string): string {
    const value = variables[name]
    if (value) return value
    throw new TypeError(`expected the environment variable ${name}, got ${JSON.stringify(value)}`)
  }
}
