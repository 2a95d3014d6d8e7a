import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { awsSigner, bearerSigner, type Signer } from '#infra/command/client.ts'
import { defaultRegion, hasCredentials, hasKeys, operatorCredentials } from './aws-credentials.ts'
import { CliError, EXIT } from './cli-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Which system is called, and as whom. */
export interface Connection {
  readonly url: URL
  /** `undefined` without credentials: public paths still answer. */
  readonly sign: Signer | undefined
  readonly signedBy: 'token' | 'aws' | 'none'
}

interface ConnectionOptions {
  readonly url?: string
  readonly stage?: string
  readonly token?: string
  readonly region?: string
}

const LOCAL_PORT = '8787'

/**
 * The system of `--url` or `--stage`, else of `FRESHET_URL` or `FRESHET_STAGE`, else the one of `npm start` on this machine.
 * Credentials: `--token` or `FRESHET_TOKEN`; for a system on this machine the token that `npm start` has stored; else those of
 * AWS.
 *
 * @throws {CliError} for a URL that is none, a stage without a stack, and for AWS credentials that are missing, have expired or
 * have no region
 */
export async function connectionOf(options: ConnectionOptions, env: Environment): Promise<Connection> {
  const { FRESHET_URL, FRESHET_STAGE, FRESHET_TOKEN, PORT } = env
  if (options.url !== undefined && options.stage !== undefined)
    throw new CliError('expected --url or --stage, got both', { exitCode: EXIT.usage })
  const token = options.token ?? FRESHET_TOKEN
  const named = options.url ?? (options.stage === undefined ? FRESHET_URL : undefined)
  const stage = named === undefined ? (options.stage ?? FRESHET_STAGE) : undefined
  if (stage !== undefined) {
    const { deploymentOf } = await import('./stack.ts')
    const { url, region, credentials } = await deploymentOf(stage, options.region, env)
    return token === undefined
      ? { url, sign: awsSigner(credentials, region), signedBy: 'aws' }
      : { url, sign: bearerSigner(token), signedBy: 'token' }
  }
  const address = named ?? `http://127.0.0.1:${PORT ?? LOCAL_PORT}`
  if (!URL.canParse(address))
    throw new CliError(
      `--url: expected a URL such as https://<id>.execute-api.<region>.amazonaws.com, got ${address}`,
      { exitCode: EXIT.usage },
    )
  const url = new URL(address)
  const own = token ?? (isLocal(url) ? await localToken(env) : undefined)
  if (own !== undefined) return { url, sign: bearerSigner(own), signedBy: 'token' }
  const sign = await awsSignature(url, options, env)
  return { url, sign, signedBy: sign ? 'aws' : 'none' }
}

/** Whether a system runs on this machine. */
export function isLocal({ hostname }: URL): boolean {
  return ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}

async function localToken(env: Environment): Promise<string | undefined> {
  const file = join(env['FRESHET_DATA'] ?? '.freshet', 'operator-token')
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** `undefined` without credentials: public paths answer without them. */
async function awsSignature(
  { hostname }: URL,
  { region }: ConnectionOptions,
  env: Environment,
): Promise<Signer | undefined> {
  const ofUrl = /\.execute-api\.([a-z0-9-]+)\./.exec(hostname)?.[1]
  const isSigned = ofUrl !== undefined || region !== undefined || hasKeys(env)
  if (!isSigned || !(await hasCredentials(env))) return undefined
  const signed = region ?? ofUrl ?? (await defaultRegion(env))
  if (signed === undefined)
    throw new CliError('expected --region or AWS_REGION, got neither: the URL names no region', {
      exitCode: EXIT.usage,
    })
  const credentials = operatorCredentials(env)
  // a command without credentials ends before its first request
  await credentials()
  return awsSigner(credentials, signed)
}
