import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SignatureV4 } from '@smithy/signature-v4'

interface AwsJsonOptions {
  /** Name for error messages: `CloudWatch`. */
  readonly title: string
  /** Name in signatures and host names: `monitoring`. */
  readonly service: string
  /** Prefix of the operation in `x-amz-target`. */
  readonly target: string
  /** URL of the service in place of that of the region. */
  readonly endpoint?: string | undefined
  /** Of one request, in milliseconds. */
  readonly timeoutMs: number
}

/**
 * Signed requests of a service's JSON protocol, for services of which few operations are used: a client of the SDK is tens of
 * kilobytes of a bundle.
 *
 * @param client - any client of the SDK, for region and credentials
 * @returns a function that sends one request; it throws for another status than 200, and after the timeout
 */
export function awsJson(
  { config }: Pick<DynamoDBClient, 'config'>,
  { title, service, target, endpoint, timeoutMs }: AwsJsonOptions,
): (operation: string, input: object) => Promise<unknown> {
  return async (operation, input) => {
    const { credentials, sha256 } = config
    const region = await config.region()
    const url = new URL(endpoint ?? `https://${service}.${region}.${domainOf(region)}`)
    const body = JSON.stringify(input)
    const signer = new SignatureV4({ service, region, credentials, sha256 })
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: url.protocol,
      hostname: url.hostname,
      path: '/',
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${target}.${operation}`,
      },
      body,
    })
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await fetch(new URL('/', url), { method: 'POST', headers, body, signal })
    const text = await response.text()
    if (response.ok) return JSON.parse(text)
    throw new Error(`${title}: expected status 200, got ${response.status}: ${text.slice(0, 200)}`)
  }
}

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com'
}
