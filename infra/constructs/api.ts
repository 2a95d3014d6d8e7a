import { Stack } from 'aws-cdk-lib'
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import { acknowledge } from '#infra/acknowledgements.ts'
import type { StageConfig } from '#infra/config.ts'
import { gatewayRoutes } from '#infra/gateway-routes.ts'
import { type RouteRow, servedBy } from '#shared/http/routes.ts'
import { accessLog } from './access-log.ts'
import { authorizationFor } from './authorizers.ts'

interface ApiProps {
  readonly config: StageConfig
  readonly routes: readonly RouteRow[]
  readonly reads: IFunction
  readonly operations: IFunction
  /** Where a job is submitted as a task. */
  readonly submit?: IFunction | undefined
}

/**
 * The HTTP API: the rows of the route table, each behind the guard of those who may ask it, and `$default` for the
 * 404 and 405 of reads, which serve nothing there.
 */
export class Api extends Construct {
  readonly stage: HttpStage

  constructor(scope: Construct, id: string, { config, routes, reads, operations, submit }: ApiProps) {
    super(scope, id)
    const api = new HttpApi(this, 'Api', {
      description: `Freshet ${config.stage}`,
      createDefaultStage: false,
    })
    const integrations = {
      reads: integration('Reads', reads),
      operations: integration('Operations', operations),
      submit: submit && integration('Submit', submit),
    }
    const guards = {
      public: authorizationFor('Readers', config.reads),
      operator: authorizationFor('Operators', config.operators),
    }
    for (const row of gatewayRoutes(routes)) {
      const to = integrations[servedBy(row)]
      if (!to) throw new TypeError(`the route ${row.path} submits a task, and no function takes submissions`)
      const added = api.addRoutes({
        path: row.path,
        methods: row.methods.map((method) => HttpMethod[method as keyof typeof HttpMethod]),
        integration: to,
        ...guards[row.access],
      })
      if (guards[row.access].authorizer) continue
      const reason = 'the stage file says that anybody may read (reads.auth)'
      for (const route of added) acknowledge(route, 'AwsSolutions-APIG4', reason)
    }
    addDefaultRoute(this, reads, api, integrations.reads)
    const { rate, burst } = config.reads.throttle
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: accessLog(this, config.logRetentionDays),
    })
  }
}

/** One permission for all routes of a function: its policy holds about fifty. */
function integration(name: string, to: IFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(name, to, {
    payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
    scopePermissionToRoute: false,
  })
}

/** The permission for all routes asks for a method and a path, and the address of `$default` has neither. */
function addDefaultRoute(scope: Construct, reads: IFunction, api: HttpApi, to: HttpLambdaIntegration): void {
  const route = new HttpRoute(scope, 'Default', {
    httpApi: api,
    routeKey: HttpRouteKey.DEFAULT,
    integration: to,
  })
  const reason = 'nothing is served there: it is what says 404 and 405'
  acknowledge(route, 'AwsSolutions-APIG4', reason)
  const resource = { service: 'execute-api', resource: api.apiId, resourceName: '*/$default' }
  reads.addPermission('DefaultRoute', {
    scope,
    principal: new ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: Stack.of(scope).formatArn(resource),
  })
}
