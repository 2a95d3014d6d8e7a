import { describe, expect, test, vi } from 'vitest'
import type { Permission } from '#infra/definitions/permissions.ts'
import { accessKeyOf, SYSTEM_ACCESS_KEY } from '#infra/local/aws/access-keys.ts'
import { type AwsCall, busArn, LocalRoles, permissionParts, tableArn } from '#infra/local/aws/roles.ts'
import { tableCalls } from '#infra/local/table/table-calls.ts'

const TABLE = tableArn('freshet')
const permissions = new Map<string, readonly Permission[]>([
  [
    'reads',
    [
      {
        actions: ['dynamodb:GetItem', 'dynamodb:Query'],
        target: { kind: 'table' },
        leadingKeys: ['job#one#items#*', 'public#one'],
      },
      { actions: ['dynamodb:BatchGetItem'], target: { kind: 'table' }, leadingKeys: ['job#one#items#?'] },
      { actions: ['events:PutEvents'], target: { kind: 'bus' } },
    ],
  ],
  ['submit', [{ actions: ['states:StartExecution'], target: { kind: 'machines', jobs: ['one'] } }]],
])

const header = (key: string) =>
  `AWS4-HMAC-SHA256 Credential=${key}/20261120/eu-central-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0`
const call = (action: string, ...leadingKeys: string[]): AwsCall => ({
  action: `dynamodb:${action}`,
  resource: TABLE,
  leadingKeys,
})

function roles() {
  const onDenied = vi.fn()
  const onUsed = vi.fn()
  return { roles: new LocalRoles(permissions, { onDenied, onUsed }), onDenied, onUsed }
}

describe('the role of a function', () => {
  test.each([
    ['a key of its partitions', call('GetItem', 'job#one#items#BTC')],
    ['its public state', call('Query', 'public#one')],
    ['several keys', call('BatchGetItem', 'job#one#items#A', 'job#one#items#B')],
    ['the bus', { action: 'events:PutEvents', resource: busArn('freshet') }],
  ])('allows %s', (_, allowed) => {
    const { roles: checked, onDenied } = roles()

    expect(checked.denialOf(header(accessKeyOf('reads')), [allowed])).toBeUndefined()
    expect(onDenied).not.toHaveBeenCalled()
  })

  test.each([
    ['another action', call('PutItem', 'job#one#items#BTC')],
    ['another partition', call('GetItem', 'job#two#items#BTC')],
    ['a partition that begins with one of its own', call('GetItem', 'public#one-more')],
    ['one foreign key among its own', call('BatchGetItem', 'job#one#items#A', 'job#two#items#A')],
    ['two characters where the pattern has one', call('BatchGetItem', 'job#one#items#AB')],
    ['a key that cannot be read', call('GetItem', '')],
    ['another table', { ...call('GetItem', 'public#one'), resource: tableArn('other') }],
    ['another bus', { action: 'events:PutEvents', resource: busArn('default') }],
    ['a machine', { action: 'states:StartExecution', resource: 'arn:aws:states:x' }],
  ])('denies %s, with the error of AWS and a message (F83)', (_, denied) => {
    const { roles: checked, onDenied } = roles()

    const denial = checked.denialOf(header(accessKeyOf('reads')), [denied])

    expect(denial).toEqual({
      type: 'AccessDeniedException',
      message: `User: arn:aws:sts::000000000000:assumed-role/freshet-local-reads/reads is not authorized to perform: ${denied.action} on resource: ${denied.resource} because no identity-based policy allows the ${denied.action} action`,
    })
    expect(onDenied).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining(`the role of reads does not allow ${denied.action} on `),
    )
  })

  test('reports each used part once, in the words of the list of all parts', () => {
    const { roles: checked, onUsed } = roles()
    const allowed = [call('GetItem', 'job#one#items#A'), call('GetItem', 'job#one#items#B')]

    for (const one of [...allowed, ...allowed]) checked.denialOf(header(accessKeyOf('reads')), [one])

    const used = { functionName: 'reads', action: 'dynamodb:GetItem', pattern: 'job#one#items#*' }
    expect(onUsed.mock.calls).toEqual([[used]])
    expect(permissionParts(permissions)).toContainEqual(used)
    expect(permissionParts(permissions)).toHaveLength(7)
  })
})

test('the system itself may do everything; an unknown caller, and one without credentials, nothing', () => {
  const { roles: checked } = roles()
  const calls = [call('DeleteItem', 'anything')]

  expect(checked.denialOf(header(SYSTEM_ACCESS_KEY), calls)).toBeUndefined()
  for (const authorization of [header('someone'), header(accessKeyOf('unknown')), undefined, 'Bearer x'])
    expect(checked.denialOf(authorization, calls)).toMatchObject({ type: 'UnrecognizedClientException' })
})

describe('the calls of a request to the table', () => {
  const key = (pk: string) => ({ pk: { S: pk }, sk: { S: 'value' } })

  test.each([
    ['GetItem', { TableName: 'freshet', Key: key('a') }, ['a']],
    ['UpdateItem', { TableName: 'freshet', Key: key('a') }, ['a']],
    ['PutItem', { TableName: 'freshet', Item: key('a') }, ['a']],
    [
      'Query',
      {
        TableName: 'freshet',
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
        ExpressionAttributeValues: { ':pk': { S: 'a' }, ':first': { S: '0' }, ':last': { S: '1' } },
      },
      ['a'],
    ],
    ['BatchGetItem', { RequestItems: { freshet: { Keys: [key('a'), key('b')] } } }, ['a', 'b']],
    [
      'BatchWriteItem',
      {
        RequestItems: {
          freshet: [{ PutRequest: { Item: key('a') } }, { DeleteRequest: { Key: key('b') } }],
        },
      },
      ['a', 'b'],
    ],
    ['Scan', { TableName: 'freshet' }, ['']],
  ])('%s has its partition keys', (action, request, leadingKeys) => {
    const calls = tableCalls(`DynamoDB_20120810.${action}`, JSON.stringify(request))

    expect(calls).toEqual([{ action: `dynamodb:${action}`, resource: TABLE, leadingKeys }])
  })

  test.each(['', 'null', '[]', '{', '{"RequestItems":{"freshet":[null]}}', '{"Key":null}'])(
    'that cannot be read, %j, has no key that a pattern matches',
    (body) => {
      for (const { leadingKeys } of tableCalls('DynamoDB_20120810.GetItem', body))
        expect(leadingKeys).toEqual([''])
    },
  )
})
