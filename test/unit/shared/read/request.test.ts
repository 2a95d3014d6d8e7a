import type { APIGatewayProxyEventV2 } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { authorizedRequest, bodyText, parseBody } from '#shared/read/request.ts'

const base64 = (bytes: readonly number[]) => ({
  body: Buffer.from(bytes).toString('base64'),
  isBase64Encoded: true,
})

describe('the body of a request', () => {
  it('is its text, also if the gateway encodes it', () => {
    expect(bodyText({ body: '{"a":1}', isBase64Encoded: false })).toBe('{"a":1}')
    expect(bodyText(base64([...Buffer.from('{"a":"\u00fc"}')]))).toBe('{"a":"\u00fc"}')
    expect(bodyText({ isBase64Encoded: false })).toBeUndefined()
  })

  it('that is not UTF-8 is no JSON: nothing of it is stored with replaced characters', () => {
    const text = bodyText(base64([...Buffer.from('{"reason":"'), 0xff, ...Buffer.from('"}')]))

    expect(parseBody(text)).toEqual({ status: 400, message: 'expected a body in JSON' })
  })
})

describe('the query of a request of operators', () => {
  it('joins repeated parameters, as the gateway does for reads: no value is taken for all of them', () => {
    const event = {
      requestContext: { http: { method: 'GET' } },
      rawPath: '/v1/audit',
      rawQueryString: 'limit=1&limit=100&job=hama',
      headers: {},
      isBase64Encoded: false,
    } as unknown as APIGatewayProxyEventV2

    expect(authorizedRequest(event, 0).query).toEqual({ limit: '1,100', job: 'hama' })
  })
})
