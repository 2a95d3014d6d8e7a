import { readFile } from 'node:fs/promises'
import { type AwsCredentialsProvider, awsSigner, send } from '#infra/command/client.ts'
import { errorMessage } from '#shared/domain/text.ts'
import { defaultRegion, isExpired, operatorCredentials, SIGN_IN, SIGN_IN_AGAIN } from './aws-credentials.ts'
import { CliError, EXIT } from './cli-error.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** A deployment, as its stack describes it. */
export interface Deployment {
  readonly url: URL
  readonly region: string
  readonly credentials: AwsCredentialsProvider
}

/**
 * The deployment of a stage, from the outputs of its stack. Its region is `--region`, else that of the stage file, else that of
 * the environment or profile.
 *
 * @throws {CliError} with what to do: no region, no or expired credentials, no stack in that region, no permission
 */
export async function deploymentOf(
  stage: string,
  region: string | undefined,
  env: Environment,
): Promise<Deployment> {
  if (!/^[a-z][a-z0-9]{1,11}$/.test(stage))
    throw new CliError(`--stage: expected the name of a stage such as dev, got ${stage}`, {
      exitCode: EXIT.usage,
    })
  const used = region ?? (await regionOfStage(stage)) ?? (await defaultRegion(env))
  if (used === undefined)
    throw new CliError('expected --region or AWS_REGION, got neither: the stage file names no region', {
      exitCode: EXIT.usage,
    })
  const credentials = operatorCredentials(env)
  const url = await stackUrl(`Freshet-${stage}`, used, credentials, env)
  return { url, region: used, credentials }
}

/** The region that a stage file fixes; `undefined` for none, or a stage of another checkout. */
async function regionOfStage(stage: string): Promise<string | undefined> {
  try {
    const file = new URL(`../stages/${stage}.json`, import.meta.url)
    return (JSON.parse(await readFile(file, 'utf8')) as { region?: string }).region
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

/** @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
async function stackUrl(
  name: string,
  region: string,
  credentials: AwsCredentialsProvider,
  env: Environment,
): Promise<URL> {
  const body = new URLSearchParams({ Action: 'DescribeStacks', Version: '2010-05-15', StackName: name })
  const xml = await cloudFormation(body.toString(), { name, region, credentials, env })
  const url = outputsOf(xml).get('Url')
  if (url !== undefined && URL.canParse(url)) return new URL(url)
  throw new CliError(`the stack ${name} has no output Url`, {
    hint: 'Its deployment has not ended, or has failed: look at its events (aws cloudformation describe-stack-events).',
  })
}

interface StackRequest {
  readonly name: string
  readonly region: string
  readonly credentials: AwsCredentialsProvider
  readonly env: Environment
}

async function cloudFormation(body: string, request: StackRequest): Promise<string> {
  const { region, credentials, env } = request
  const domain = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
  const endpoint = env['AWS_ENDPOINT_URL_CLOUDFORMATION'] ?? env['AWS_ENDPOINT_URL']
  const url = new URL('/', endpoint ?? `https://cloudformation.${region}.${domain}`)
  const signed = await awsSigner(credentials, region, 'cloudformation')(url, { method: 'POST', body })
  const headers = { ...signed, 'content-type': 'application/x-www-form-urlencoded' }
  const response = await send(url, { method: 'POST', headers, body }).catch((error: unknown) => {
    const hint = 'Check the network, and that the region exists.'
    throw new CliError(`${url.origin} does not answer: ${errorMessage(error)}`, { hint }, { cause: error })
  })
  const text = response.body.toString('utf8')
  if (response.status === 200) return text
  throw stackError(
    elementOf('Code', text) ?? String(response.status),
    elementOf('Message', text) ?? '',
    request,
  )
}

function stackError(code: string, message: string, { name, region }: StackRequest): CliError {
  if (/does not exist/.test(message))
    return new CliError(`the stack ${name} does not exist in ${region}`, {
      hint: 'Deploy it (npx cdk deploy -c stage=<stage>), or name its region with --region, or its account with AWS_PROFILE.',
    })
  const text = `cloudformation:DescribeStacks in ${region}: ${code}: ${message}`
  return new CliError(text, { hint: hintOf(code, message) })
}

function hintOf(code: string, message: string): string {
  if (isExpired(`${code} ${message}`)) return SIGN_IN_AGAIN
  if (/AccessDenied|UnauthorizedOperation/.test(code))
    return 'Allow cloudformation:DescribeStacks on this stack, or name the system with --url and --region.'
  if (/InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch/.test(code))
    return `AWS does not accept these credentials. ${SIGN_IN}`
  return 'See the status of AWS, and repeat the command.'
}

function outputsOf(xml: string): ReadonlyMap<string, string> {
  const [, outputs = ''] = /<Outputs>(.*?)<\/Outputs>/s.exec(xml) ?? []
  const members = [...outputs.matchAll(/<member>(.*?)<\/member>/gs)].map(([, member = '']) => member)
  return new Map(
    members.map((member) => [elementOf('OutputKey', member) ?? '', elementOf('OutputValue', member) ?? '']),
  )
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }

/** The text of the first element of a name. */
function elementOf(name: string, xml: string): string | undefined {
  const [, text] = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml) ?? []
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (entity, key: string) => ENTITIES[key] ?? entity)
}
