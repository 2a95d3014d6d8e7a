import { RemovalPolicy } from 'aws-cdk-lib'
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway'
import { type IAccessLogSettings, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

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
