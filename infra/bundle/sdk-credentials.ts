/**
 * Replaces the SDK's credential chain in bundles: Lambda provides credentials in the environment only, and the whole
 * chain is 40 % of a bundle.
 *
 * @throws {Error} from the returned provider when the environment has no credentials; the message names the variable
 */
export function defaultProvider() {
  return async () => ({
    accessKeyId: requiredVariable('AWS_ACCESS_KEY_ID'),
    secretAccessKey: requiredVariable('AWS_SECRET_ACCESS_KEY'),
    ...optionalSessionToken('AWS_SESSION_TOKEN'),
  })
}

function requiredVariable(name: string): string {
  const value = process.env[name]
  if (value) return value
  throw new Error(`expected AWS credentials in the environment, got no ${name}: bundles have no other source`)
}

function optionalSessionToken(name: string): { sessionToken?: string } {
  const value = process.env[name]
  return value ? { sessionToken: value } : {}
}
