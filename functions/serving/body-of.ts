import type { APIGatewayProxyEventV2 } from 'aws-lambda'

/** The body of a request as text: the gateway encodes what is not said to be text. */
export function bodyText({
  body,
  isBase64Encoded,
}: Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'>): string | undefined {
  return isBase64Encoded && body !== undefined ? Buffer.from(body, 'base64').toString('utf8') : body
}
