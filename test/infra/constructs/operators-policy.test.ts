import { expect, test } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { checkSizes } from '#infra/checks/template.ts'
import { operatorRoutePatterns } from '#infra/definitions/operator-routes.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'
import { flattenIntrinsics, synthesize, testStage } from '#test/support/infra/synthesis.ts'

const { ofType, template } = synthesize({ jobs: declared })
const [policy, ...others] = ofType('AWS::IAM::ManagedPolicy')
const TOKEN = { auth: 'jwt', issuer: 'https://id.example', audience: ['freshet'], scope: 'jobs:write' }

test('the policy allows to invoke the routes of operators of this API and stage, and is an output', () => {
  const [api] = ofType('AWS::ApiGatewayV2::Api')
  const patterns = operatorRoutePatterns(routeTable(declared.map((job) => resolveJob(job, {}))))
  const start = `arn:<AWS::Partition>:execute-api:<AWS::Region>:<AWS::AccountId>:<${api?.id}>/$default/`
  const [statement, ...more] = policy?.properties.PolicyDocument.Statement ?? []

  expect(others).toEqual([])
  expect(more).toEqual([])
  expect(statement).toMatchObject({ Effect: 'Allow', Action: 'execute-api:Invoke' })
  expect(statement.Resource.map(flattenIntrinsics).toSorted()).toEqual(
    patterns.map(({ method, path }) => `${start}${method}${path}`).toSorted(),
  )
  expect(template.Outputs['OperatorsPolicyArn']?.Value).toEqual({ Ref: policy?.id })
})

test('the policy is attached to nothing, and fits the limit of a managed policy', () => {
  for (const member of ['Roles', 'Users', 'Groups']) expect(policy?.properties).not.toHaveProperty(member)
  expect(checkSizes(template).filter(({ message }) => message.includes('managed policy'))).toEqual([])
})

test('with tokens there is neither the policy nor its output', () => {
  const jwt = synthesize({ config: testStage({ operators: TOKEN }) })

  expect(jwt.ofType('AWS::IAM::ManagedPolicy')).toEqual([])
  expect(jwt.template.Outputs).not.toHaveProperty('OperatorsPolicyArn')
})

test('a managed policy above its limit is an error', () => {
  const Resource = Array.from(
    { length: 200 },
    (_, index) => `arn:aws:execute-api:::api/stage/GET/path-${index}/*`,
  )
  const Properties = { PolicyDocument: { Statement: [{ Action: 'execute-api:Invoke', Resource }] } }

  const findings = checkSizes({ Resources: { Large: { Type: 'AWS::IAM::ManagedPolicy', Properties } } })

  expect(findings).toEqual([
    expect.objectContaining({
      check: 'limits',
      subject: 'Large',
      severity: 'error',
      message: expect.stringMatching(/^expected at most 6144 bytes of a managed policy, got \d+$/),
    }),
  ])
})
