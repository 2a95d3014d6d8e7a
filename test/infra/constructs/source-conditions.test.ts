import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { flattenIntrinsics, type Resource, synthesize } from '#test/support/infra/synthesis.ts'

interface Statement {
  readonly Effect: string
  readonly Principal?: string | { readonly Service?: string | readonly string[]; readonly AWS?: unknown }
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** A statement that lets an AWS service act, and the resource that has it. */
interface Trust {
  readonly of: string
  readonly service: string
  readonly condition: NonNullable<Statement['Condition']>
}

const { resources } = synthesize({ jobs })

/** Every statement in a trust policy, a resource policy or a key policy that allows something to an AWS service. */
const trusts = resources.flatMap((resource): Trust[] =>
  documentsOf(resource)
    .flatMap(({ Statement }) => Statement)
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Principal, Condition: condition = {} }) =>
      servicesOf(Principal).map((service) => ({ of: resource.id, service, condition })),
    ),
)

/** Lambda sends no source keys when it assumes the role of a function: with a condition no function would start. */
const EXEMPT = 'lambda.amazonaws.com'

function documentsOf({ properties = {} }: Resource): { Statement: Statement[] }[] {
  const { AssumeRolePolicyDocument, PolicyDocument, KeyPolicy } = properties
  return [AssumeRolePolicyDocument, PolicyDocument, KeyPolicy].filter((document) => document !== undefined)
}

function servicesOf(principal: Statement['Principal']): readonly string[] {
  if (typeof principal !== 'object' || principal.Service === undefined) return []
  return [principal.Service].flat()
}

function accountOf({ StringEquals }: Trust['condition']): unknown {
  return StringEquals?.['aws:SourceAccount']
}

/** The text of `aws:SourceArn` under either of its operators. */
function sourceArnOf({ StringEquals, ArnLike }: Trust['condition']): string {
  return flattenIntrinsics(ArnLike?.['aws:SourceArn'] ?? StringEquals?.['aws:SourceArn'] ?? '')
}

describe('every service principal', () => {
  test('has a condition on this account, but for the roles of functions', () => {
    const services = new Set(trusts.map(({ service }) => service))
    const open = trusts.filter(
      ({ service, condition }) =>
        service !== EXEMPT && JSON.stringify(accountOf(condition)) !== '{"Ref":"AWS::AccountId"}',
    )

    expect([...services].sort()).toEqual([
      'cloudwatch.amazonaws.com',
      'events.amazonaws.com',
      EXEMPT,
      'scheduler.amazonaws.com',
      'states.amazonaws.com',
    ])
    expect(open).toEqual([])
  })

  test('of roles of state machines and schedules, of the queue and of the topic has one on its caller too', () => {
    const callers = trusts
      .filter(({ service, of }) => service !== EXEMPT && !of.startsWith('AlarmKey'))
      .map(({ of, condition }) => [of, sourceArnOf(condition)] as const)
    const account = '<AWS::Region>:<AWS::AccountId>'

    expect(callers.length).toBeGreaterThan(8)
    for (const [of, arn] of callers) expect([of, arn]).toEqual([of, expect.stringContaining(account)])
    expect(Object.fromEntries(callers)).toMatchObject({
      JobhamaMachineRoleAAD50CA6: `arn:<AWS::Partition>:states:${account}:stateMachine:Freshet-test-hama`,
    })
  })

  test('is exempt only as a function that assumes its role', () => {
    const exempt = trusts.filter(({ service }) => service === EXEMPT)
    const functions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Function')

    expect(exempt).toHaveLength(functions.length)
    expect(new Set(exempt.map(({ of }) => of))).toEqual(
      new Set(functions.map(({ properties }) => properties.Role['Fn::GetAtt'][0])),
    )
  })
})

test('every permission of a function names its caller, in this account', () => {
  const permissions = resources.filter(({ Type }) => Type === 'AWS::Lambda::Permission')
  const rules = new Set(resources.filter(({ Type }) => Type === 'AWS::Events::Rule').map(({ id }) => id))

  expect(permissions.length).toBeGreaterThan(8)
  for (const { id, properties } of permissions) {
    const { SourceArn } = properties
    const isOwnRule = rules.has(SourceArn?.['Fn::GetAtt']?.[0])
    expect([id, isOwnRule || flattenIntrinsics(SourceArn).includes(':<AWS::AccountId>:')]).toEqual([id, true])
  }
})
