import { BaseProvider } from '@aws-lambda-powertools/parameters/base'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { HOUR_MS } from '#shared/domain/duration.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import type { Clock } from '#shared/domain/ports/clock.ts'
import type { Secret, Secrets } from '#shared/domain/ports/secrets.ts'
import { AWS_TIMEOUTS, type awsTimeouts } from './aws-timeouts.ts'

const MAX_AGE_S = 300

/** How long an earlier value may be used while SSM does not answer. */
const GRACE_MS = HOUR_MS

/**
 * Secrets from SSM SecureString parameters; a name under `/aws/reference/secretsmanager/` refers to an existing secret in
 * Secrets Manager. The client is created on first use.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html
 */
export function ssmSecrets(
  clock: Clock,
  warn: (message: string) => void,
  timeouts: ReturnType<typeof awsTimeouts> = AWS_TIMEOUTS,
): Secrets {
  const lastRead = new Map<string, { readonly secret: Secret; readonly at: number }>()
  let provider: Parameters | undefined
  return {
    async get(parameter, fresh = false) {
      provider ??= new Parameters(timeouts)
      try {
        const secret = (await provider.get(parameter, { maxAge: MAX_AGE_S, forceFetch: fresh })) as Secret
        lastRead.set(parameter, { secret, at: clock.now() })
        return secret
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
        const name = cause instanceof Error ? cause.name : typeof cause
        const message = `the secret ${parameter} cannot be read: ${name}`
        const last = lastRead.get(parameter)
        if (!last || clock.now() - last.at > GRACE_MS || PERMANENT_ERRORS.includes(name)) {
          throw new RefreshError('secret', message, { scope: 'provider', cause: error })
        }
        warn(`${message}; the earlier value is used`)
        return last.secret
      }
    },
  }
}

/** Errors that a retry cannot resolve: the secret does not exist, or access is denied. */
const PERMANENT_ERRORS = ['ParameterNotFound', 'AccessDeniedException', 'MissingSecretError']

class MissingSecretError extends Error {
  override readonly name = 'MissingSecretError'
}

/** Powertools' cache, for parameters together with their versions. */
class Parameters extends BaseProvider {
  readonly #client: SSMClient

  constructor(timeouts: ReturnType<typeof awsTimeouts>) {
    super({})
    this.#client = new SSMClient({ maxAttempts: 3, ...timeouts })
  }

  protected override async _get(name: string): Promise<Secret> {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true })
    const { Parameter: parameter } = await this.#client.send(command)
    if (!parameter?.Value) throw new MissingSecretError('expected a value, got none')
    const version = `${parameter.Version ?? ''}${versionId(parameter.SourceResult)}`
    return { value: parameter.Value, version }
  }

  protected override async _getMultiple(): Promise<undefined> {
    throw new TypeError('expected one parameter by name, got a path')
  }
}

/** The version of a secret behind a reference, which only the response of Secrets Manager contains. */
function versionId(sourceResult: string | undefined): string {
  return /"versionId"\s*:\s*"([^"]+)"/i.exec(sourceResult ?? '')?.[1] ?? ''
}
