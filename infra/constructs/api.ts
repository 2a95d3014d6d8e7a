import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
  type IAccessLogSettings,
  type IHttpRouteAuthorizer,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { type RouteRow, servedBy } from '#shared/http/routes.ts'
import { acknowledge } from './acknowledgements.ts'

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

/** What a route demands of who asks; nothing of anybody. */
export interface RouteAuthorization {
  readonly authorizer?: IHttpRouteAuthorizer
  readonly authorizationScopes?: string[]
}

/** The guard that a stage names for one kind of route. */
export function authorizationFor(
  name: string,
  access: StageConfig['reads'] | StageConfig['operators'],
): RouteAuthorization {
  switch (access.auth) {
    case 'public':
      return {}
    case 'iam':
      return { authorizer: new HttpIamAuthorizer() }
    case 'jwt':
      return {
        authorizer: new HttpJwtAuthorizer(name, access.issuer, { jwtAudience: [...access.audience] }),
        ...(access.scope === undefined ? {} : { authorizationScopes: [access.scope] }),
      }
    default:
      return assertNever(access)
  }
}

/**
 * One line a request, refused ones too, small: it is paid for by the byte. Who asked is a name (`arn` with SigV4,
 * `sub` with a token), never the credential; `auth` is why an authorizer refused.
 */
const FIELDS = {
  id: '$context.requestId',
  time: '$context.requestTimeEpoch',
  ip: '$context.identity.sourceIp',
  method: '$context.httpMethod',
  path: '$context.path',
  route: '$context.routeKey',
  status: '$context.status',
  bytes: '$context.responseLength',
  ms: '$context.responseLatency',
  error: '$context.error.message',
  arn: '$context.identity.userArn',
  sub: '$context.authorizer.claims.sub',
  auth: '$context.authorizer.error',
}

/** Where and how the gateway logs. */
export function accessLog(scope: Construct, retentionDays: number): IAccessLogSettings {
  const group = new LogGroup(scope, 'AccessLog', {
    retention: retentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  return {
    destination: new LogGroupLogDestination(group),
    format: AccessLogFormat.custom(JSON.stringify(FIELDS)),
  }
}
