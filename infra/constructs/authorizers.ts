import type { IHttpRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2'
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers'
import type { StageConfig } from '#infra/config.ts'
import { assertNever } from '#shared/domain/errors.ts'

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
