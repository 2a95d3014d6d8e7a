import type { HttpStage } from 'aws-cdk-lib/aws-apigatewayv2'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'
import type { GatewayRoute } from '#infra/definitions/gateway-routes.ts'
import { operatorRoutePatterns } from '#infra/definitions/operator-routes.ts'
import { acknowledgeWildcards } from './acknowledgements.ts'

interface OperatorsPolicyProps {
  readonly api: HttpStage
  readonly stage: string
  readonly routes: readonly GatewayRoute[]
}

/** A policy that allows a principal to invoke the routes of operators of this API, and nothing else. No role has it yet. */
export function operatorsPolicy(
  scope: Construct,
  { api, stage, routes }: OperatorsPolicyProps,
): ManagedPolicy {
  const arns = operatorRoutePatterns(routes).map(({ method, path }) =>
    api.api.arnForExecuteApi(method, path, api.stageName),
  )
  const policy = new ManagedPolicy(scope, 'OperatorsPolicy', {
    description: `Invoke the routes of operators of Freshet ${stage}`,
    statements: [new PolicyStatement({ actions: ['execute-api:Invoke'], resources: arns })],
  })
  const reason = 'the wildcards stand for path parameters, and for paths that only operators have'
  acknowledgeWildcards(policy, arns, reason)
  return policy
}
