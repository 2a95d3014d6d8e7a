import { access } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { AwsCredentials, AwsCredentialsProvider } from '#infra/command/client.ts'
import { defined } from '#shared/domain/defined.ts'
import { MINUTE_MS } from '#shared/domain/duration.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { CliError } from './cli-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What to do without credentials. */
export const SIGN_IN =
  'Set AWS_PROFILE (after aws sso login, if it signs in so), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'

/** What to do with credentials that have expired. */
export const SIGN_IN_AGAIN = 'They have expired: sign in again (aws sso login), or export new ones.'

/** Whether an error is about credentials that have expired, by the words of AWS and of its SDK. */
export function isExpired(message: string): boolean {
  return /expired/i.test(message)
}

/** Whether the environment has keys, which win over a profile. */
export function hasKeys({ AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret }: Environment): boolean {
  return Boolean(id && secret)
}

/** Variables that name a source of credentials beside the files of profiles. */
const SOURCES = [
  'AWS_PROFILE',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
]

/** Whether there is a source of credentials; whether it has any is known once they are asked for. */
export async function hasCredentials(env: Environment): Promise<boolean> {
  if (hasKeys(env) || SOURCES.some((name) => env[name])) return true
  const { AWS_SHARED_CREDENTIALS_FILE: keys, AWS_CONFIG_FILE: config, HOME = homedir() } = env
  const files = [keys ?? join(HOME, '.aws', 'credentials'), config ?? join(HOME, '.aws', 'config')]
  const exist = await Promise.all(
    files.map((file) =>
      access(file).then(
        () => true,
        () => false,
      ),
    ),
  )
  return exist.includes(true)
}

/** How long keys are used of which their source does not state the end: a file or process may have new ones. */
const UNDATED_KEYS_MS = MINUTE_MS

type Chain = ReturnType<typeof import('@aws-sdk/credential-provider-node')['defaultProvider']>

/**
 * The credentials of an operator, as the command line of AWS finds them: the environment, else the profile of `AWS_PROFILE`
 * (keys, `credential_process`, single sign-on, roles), else those of a container. They are renewed before they expire, and read
 * again after a minute if they have no end. Loads the chain of the SDK only when the environment has no keys, because that
 * takes a tenth of a second.
 *
 * @returns a provider that throws a {@link CliError} with what to do, if there are none or they have expired
 */
export function operatorCredentials(env: Environment): AwsCredentialsProvider {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = env
  if (hasKeys(env)) {
    const keys = credentials(AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN || undefined)
    return async () => keys
  }
  let chain: Chain | undefined
  let chainEndsAt = 0
  return async () => {
    if (!chain || Date.now() >= chainEndsAt) {
      if (!(await hasCredentials(env))) throw new CliError('no AWS credentials', { hint: SIGN_IN })
      const { defaultProvider } = await import('@aws-sdk/credential-provider-node')
      chain = defaultProvider({ maxRetries: 0, ignoreCache: true })
      chainEndsAt = Number.POSITIVE_INFINITY
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await resolved(chain)
    if (expiration === undefined && chainEndsAt === Number.POSITIVE_INFINITY)
      chainEndsAt = Date.now() + UNDATED_KEYS_MS
    return credentials(accessKeyId, secretAccessKey, sessionToken)
  }
}

async function resolved(chain: Chain) {
  try {
    return await chain()
  } catch (error) {
    const message = errorMessage(error)
    const hint = isExpired(message) ? SIGN_IN_AGAIN : SIGN_IN
    throw new CliError(`no AWS credentials: ${message}`, { hint }, { cause: error })
  }
}

function credentials(accessKeyId: string, secretAccessKey: string, sessionToken?: string): AwsCredentials {
  return { accessKeyId, secretAccessKey, ...defined({ sessionToken }) }
}

/** The region of the environment, else of the profile; `undefined` without any. */
export async function defaultRegion(env: Environment): Promise<string | undefined> {
  const own = env['AWS_REGION'] || env['AWS_DEFAULT_REGION']
  if (own) return own
  const { getProfileName, loadSharedConfigFiles } = await import('@smithy/core/config')
  const { configFile } = await loadSharedConfigFiles()
  return configFile[getProfileName({})]?.['region']
}
