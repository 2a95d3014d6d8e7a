import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
  PayloadFormatVersion,
} from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { RouteRow } from '#shared/http/routes.ts'
import { acknowledge } from '../acknowledgements.ts'
import type { StageConfig } from '../config.ts'

/** One line a request, small: it is paid for by the byte. */
const ACCESS_LOG = {
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
}

interface ReadApiProps {
  readonly config: StageConfig
  readonly routes: readonly RouteRow[]
  readonly reads: IFunction
}

/** The HTTP API: the rows of the route table, and everything else, go to reads. */
export class ReadApi extends Construct {
  readonly stage: HttpStage

  constructor(scope: Construct, id: string, { config, routes, reads }: ReadApiProps) {
    super(scope, id)
    const integration = new HttpLambdaIntegration('Reads', reads, {
      payloadFormatVersion: PayloadFormatVersion.VERSION_2_0,
      // one permission for all routes: a function's policy holds about fifty
      scopePermissionToRoute: false,
    })
    const api = new HttpApi(this, 'Api', {
      description: `Freshet ${config.stage}`,
      createDefaultStage: false,
      defaultIntegration: integration,
      ...crossOrigin(config),
    })
    for (const { path, methods } of routes) {
      api.addRoutes({
        path,
        methods: methods.map((method) => HttpMethod[method as keyof typeof HttpMethod]),
        integration,
      })
    }
    permitDefaultRoute(this, reads, api)
    const logGroup = new LogGroup(this, 'AccessLog', {
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: config.reads.throttle.rate, burstLimit: config.reads.throttle.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
    })
    acknowledge(
      api,
      'AwsSolutions-APIG4',
      'the stage file decides that reads are public (reads.auth); a check refuses routes for operators and of effect change as long as there is no authorizer',
    )
  }
}

/** The permission for all routes asks for a method and a path, and the address of `$default` has neither. */
function permitDefaultRoute(scope: Construct, reads: IFunction, api: HttpApi): void {
  const route = { service: 'execute-api', resource: api.apiId, resourceName: '*/$default' }
  reads.addPermission('DefaultRoute', {
    scope,
    principal: new ServicePrincipal('apigateway.amazonaws.com'),
    sourceArn: Stack.of(scope).formatArn(route),
  })
}

function crossOrigin({ corsOrigins }: StageConfig) {
  if (corsOrigins.length === 0) return {}
  return {
    corsPreflight: {
      allowOrigins: [...corsOrigins],
      allowMethods: [CorsHttpMethod.GET, CorsHttpMethod.HEAD],
      allowHeaders: ['if-none-match'],
      exposeHeaders: ['age', 'etag', 'retry-after', 'x-cache', 'x-data-source'],
      maxAge: Duration.hours(1),
    },
  }
}
