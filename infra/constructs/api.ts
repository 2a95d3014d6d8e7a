import { RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  CfnStage,
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
import { FilterPattern, LogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { METRIC_NAMESPACE } from '#functions/runtime/metric-names.ts'
import { THROTTLED_METRIC } from '#infra/alarms/alarm-spec.ts'
import { gatewayRoutes } from '#infra/definitions/gateway-routes.ts'
import type { StageConfig } from '#infra/stages/config.ts'
import { defined } from '#shared/domain/defined.ts'
import { assertNever } from '#shared/domain/errors.ts'
import { type RouteRow, servedBy } from '#shared/http/routes.ts'
import { acknowledge } from './acknowledgements.ts'
import { resourceName } from './names.ts'

interface ApiProps {
  readonly config: StageConfig
  readonly routes: readonly RouteRow[]
  readonly reads: IFunction
  readonly operations: IFunction
  /** Required when a route submits a task. */
  readonly submit?: IFunction | undefined
}

/**
 * The HTTP API: the routes of the route table, each with the authorizer of its access, and `$default`, where the reads
 * function serves the page and answers 404 and 405.
 */
export class Api extends Construct {
  readonly stage: HttpStage

  constructor(scope: Construct, id: string, { config, routes, reads, operations, submit }: ApiProps) {
    super(scope, id)
    const api = new HttpApi(this, 'Api', {
      description: `Freshet ${config.stage}`,
      createDefaultStage: false,
      ...defined({ disableExecuteApiEndpoint: config.domain?.disableExecuteApi }),
    })
    const integrations = {
      reads: integration('Reads', reads),
      operations: integration('Operations', operations),
      submit: submit && integration('Submit', submit),
    }
    const authorizations = {
      public: authorizationFor('Readers', config.reads),
      operator: authorizationFor('Operators', config.operators),
    }
    const submissions = new Map<string, HttpRoute>()
    for (const row of gatewayRoutes(routes)) {
      const target = integrations[servedBy(row)]
      if (!target) throw new TypeError(`expected a submit function for the route ${row.path}, got none`)
      const added = api.addRoutes({
        path: row.path,
        methods: row.methods.map((method) => HttpMethod[method as keyof typeof HttpMethod]),
        integration: target,
        ...authorizations[row.access],
      })
      if (row.serves === 'submission' && row.access === 'public')
        for (const [index, route] of added.entries())
          submissions.set(`${row.methods[index]} ${row.path}`, route)
      if (authorizations[row.access].authorizer) continue
      const reason = 'the stage file makes reads public (reads.auth)'
      for (const route of added) acknowledge(route, 'AwsSolutions-APIG4', reason)
    }
    addDefaultRoute(this, reads, api, integrations.reads)
    const { rate, burst } = config.reads.throttle
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: rate, burstLimit: burst },
      accessLogSettings: accessLog(this, config),
    })
    if (config.submissions) limitRoutes(this.stage, submissions, config.submissions.throttle)
  }
}

/**
 * Gives each route limits of its own, beside those of the stage. The stage refers to its routes by their keys, so they
 * have to exist before it.
 *
 * @param routes - by their keys, such as `GET /health`
 */
function limitRoutes(
  stage: HttpStage,
  routes: ReadonlyMap<string, HttpRoute>,
  { rate, burst }: Throttle,
): void {
  const resource = stage.node.defaultChild
  if (!(resource instanceof CfnStage)) throw new TypeError('expected the stage to be a resource of its own')
  if (routes.size === 0) return
  const limits = { ThrottlingRateLimit: rate, ThrottlingBurstLimit: burst }
  resource.routeSettings = Object.fromEntries([...routes.keys()].map((key) => [key, limits]))
  stage.node.addDependency(...routes.values())
}

type Throttle = NonNullable<StageConfig['submissions']>['throttle']

/** With one permission for all routes of a function, because its policy holds about fifty. */
function integration(name: string, target: IFunction): HttpLambdaIntegration {
  return new HttpLambdaIntegration(name, target, {
    payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
    scopePermissionToRoute: false,
  })
}

/** The permission for all routes needs a method and a path, and the ARN of `$default` has neither. */
function addDefaultRoute(
  scope: Construct,
  reads: IFunction,
  api: HttpApi,
  target: HttpLambdaIntegration,
): void {
  const route = new HttpRoute(scope, 'Default', {
    httpApi: api,
    routeKey: HttpRouteKey.DEFAULT,
    integration: target,
  })
  const reason = 'it serves no data: the files of the page, 404 and 405'
  acknowledge(route, 'AwsSolutions-APIG4', reason)
  const resource = { service: 'execute-api', resource: api.apiId, resourceName: '*/$default' }
  reads.addPermission('DefaultRoute', {
    scope,
    principal: new ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: Stack.of(scope).formatArn(resource),
  })
}

/** The authorization of a route; empty for a public one. */
interface RouteAuthorization {
  readonly authorizer?: IHttpRouteAuthorizer
  readonly authorizationScopes?: string[]
}

/** The authorization that a stage configures for one kind of route. */
function authorizationFor(
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
        ...defined({ authorizationScopes: access.scope === undefined ? undefined : [access.scope] }),
      }
    default:
      return assertNever(access)
  }
}

/**
 * The fields of one line per request, denied ones included; few, because logs cost money per byte. The caller is a name
 * (`arn` with SigV4, `sub` with a token), never a credential; `auth` is the reason of a denial. `fault` and `invoke` are the
 * message and the status of a failed invocation: with a 5xx they separate a function that could not run from one that
 * answered so itself.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
 */
const ACCESS_LOG_FIELDS = {
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
  fault: '$context.integrationErrorMessage',
  invoke: '$context.integrationStatus',
}

/**
 * The destination and format of the gateway's log. With the prefix of vended logs, the resource policy of the account for
 * log delivery, of at most 5,120 characters, does not grow with each API.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
 */
function accessLog(
  scope: Construct,
  { stage, logRetentionDays }: Pick<StageConfig, 'stage' | 'logRetentionDays'>,
): IAccessLogSettings {
  const group = new LogGroup(scope, 'AccessLog', {
    logGroupName: `/aws/vendedlogs/apigateway/${resourceName(`${stage}-access`)}`,
    retention: logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  })
  countThrottled(group)
  return {
    destination: new LogGroupLogDestination(group),
    format: AccessLogFormat.custom(JSON.stringify({ service: stage, ...ACCESS_LOG_FIELDS })),
  }
}

/** Counts the lines with 429 as a metric of the stage. A dimension has to be a field of the lines. */
function countThrottled(group: LogGroup): void {
  new MetricFilter(group, 'Throttled', {
    logGroup: group,
    filterPattern: FilterPattern.stringValue('$.status', '=', '429'),
    metricNamespace: METRIC_NAMESPACE,
    metricName: THROTTLED_METRIC,
    metricValue: '1',
    dimensions: { service: '$.service' },
  })
}
