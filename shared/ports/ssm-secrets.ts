import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { SSMClient } from '@aws-sdk/client-ssm'
import { RefreshError } from '../engine/errors.ts'
import { PATIENCE } from './patience.ts'
import type { Secrets } from './secrets.ts'

const MAX_AGE_S = 300

/** Secrets from SSM SecureString parameters; the client is made when the first secret is asked for. */
export function ssmSecrets(): Secrets {
  let provider: SSMProvider | undefined
  return {
    async get(parameter, fresh = false) {
      provider ??= new SSMProvider({ awsSdkV3Client: new SSMClient({ maxAttempts: 3, ...PATIENCE }) })
      try {
        const options = { decrypt: true, maxAge: MAX_AGE_S, forceFetch: fresh } as const
        const value = await provider.get(parameter, options)
        if (value) return value
      } catch (error) {
        const name = error instanceof Error ? error.name : typeof error
        throw new RefreshError('secret', `the secret ${parameter} cannot be read: ${name}`, {
          scope: 'provider',
        })
      }
      throw new RefreshError('secret', `the secret ${parameter} is empty`, { scope: 'provider' })
    },
  }
}
