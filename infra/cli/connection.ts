import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { awsSigner, bearerSigner, type Signer } from '#infra/command/client.ts'
import { defined } from '#shared/domain/defined.ts'
import { CliError, EXIT } from './cli-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Which system is called, and as whom. */
export interface Connection {
  readonly url: URL
  /** `undefined` without credentials: public paths still answer. */
  readonly sign: Signer | undefined
}

interface ConnectionOptions {
  readonly url?: string
  readonly token?: string
  readonly region?: string
}

const LOCAL_PORT = '8787'

/**
 * The system of `--url`, else of `FRESHET_URL`, else the one of `npm start` on this machine. Credentials: `--token` or
 * `FRESHET_TOKEN`; for a system on this machine the token that `npm start` has stored; else those of AWS in the environment.
 *
 * @throws {CliError} for a URL that is none, and for AWS credentials without a region
 */
export async function connectionOf(options: ConnectionOptions, env: Environment): Promise<Connection> {
  const address = options.url ?? env['FRESHET_URL'] ?? `http://127.0.0.1:${env['PORT'] ?? LOCAL_PORT}`
  if (!URL.canParse(address))
    throw new CliError(
      `--url: expected a URL such as https://<id>.execute-api.<region>.amazonaws.com, got ${address}`,
      {
        exitCode: EXIT.usage,
      },
    )
  const url = new URL(address)
  const token = options.token ?? env['FRESHET_TOKEN'] ?? (isLocal(url) ? await localToken(env) : undefined)
  return { url, sign: token === undefined ? awsCredentials(url, options, env) : bearerSigner(token) }
}

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

function awsCredentials(
  { hostname }: URL,
  { region }: ConnectionOptions,
  env: Environment,
): Signer | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env
  if (!accessKeyId || !secretAccessKey) return undefined
  const signed = region ?? /\.execute-api\.([a-z0-9-]+)\./.exec(hostname)?.[1] ?? env['AWS_REGION']
  if (signed === undefined)
    throw new CliError('expected --region or AWS_REGION, got neither: the URL names no region', {
      exitCode: EXIT.usage,
    })
  const sessionToken = env['AWS_SESSION_TOKEN']
  return awsSigner({ accessKeyId, secretAccessKey, ...defined({ sessionToken }) }, signed)
}
