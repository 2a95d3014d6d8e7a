/**
 * What the SDK finds in bundles in place of its credential chain: Lambda gives credentials in the environment and
 * nowhere else, and the whole chain is 40 % of a bundle.
 *
 * @throws {Error} from the returned provider when the environment holds no credentials, naming what is missing
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
  throw new Error(`expected AWS credentials in the environment, got no ${name}: bundles look nowhere else`)
}

function optionalSessionToken(name: string): { sessionToken?: string } {
  const value = process.env[name]
  return value ? { sessionToken: value } : {}
}
