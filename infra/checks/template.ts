import type { RouteRow } from '#shared/http/routes.ts'
import {
  type Finding,
  finding,
  type TemplateResource as Resource,
  type SynthesizedTemplate,
} from './findings.ts'
import { checkRouteAuthorization } from './routes.ts'
import { checkStateMachines } from './state-machines.ts'

const MAX_RESOURCES = 500

/** A function's resource policy holds 20 KB; a statement has less than 500 bytes. */
const MAX_PERMISSIONS = 40

/** Limit of all inline policies of one role together. */
const MAX_ROLE_POLICY_BYTES = 10_240

/** Limit of a managed policy, in characters without white space. */
const MAX_MANAGED_POLICY_BYTES = 6_144

const MAX_QUEUE_STATEMENTS = 20

/** Default quotas of an HTTP API; the routes are counted without a template too. */
const MAX_API_PARTS = 300

/** All checks of a template: authorization of routes, state machines, and sizes that AWS rejects during a deployment. */
export function checkTemplate(template: SynthesizedTemplate, rows: readonly RouteRow[]): Finding[] {
  return [
    ...checkRouteAuthorization(template, rows),
    ...checkStateMachines(template),
    ...checkSizes(template),
  ]
}

/** Limits that AWS only checks during a deployment. */
export function checkSizes({ Resources }: SynthesizedTemplate): Finding[] {
  const resources = Object.entries(Resources)
  const ofType = (type: string) => resources.filter(([, { Type }]) => Type === type)
  return [
    ...limitFinding('stack', 'resources', resources.length, MAX_RESOURCES),
    ...[...permissionsByFunction(ofType('AWS::Lambda::Permission'))].flatMap(([name, count]) =>
      limitFinding(name, 'permissions on one function', count, MAX_PERMISSIONS),
    ),
    ...ofType('AWS::IAM::Policy').flatMap(([id, policy]) =>
      limitFinding(
        id,
        'bytes of the policy of a role',
        documentBytes(policy.Properties?.['PolicyDocument']),
        MAX_ROLE_POLICY_BYTES,
      ),
    ),
    ...limitFinding('gateway', 'routes', ofType('AWS::ApiGatewayV2::Route').length, MAX_API_PARTS),
    ...limitFinding(
      'gateway',
      'integrations',
      ofType('AWS::ApiGatewayV2::Integration').length,
      MAX_API_PARTS,
    ),
    ...ofType('AWS::IAM::ManagedPolicy').flatMap(([id, policy]) =>
      limitFinding(
        id,
        'bytes of a managed policy',
        documentBytes(policy.Properties?.['PolicyDocument']),
        MAX_MANAGED_POLICY_BYTES,
      ),
    ),
    ...ofType('AWS::SQS::QueuePolicy').flatMap(([id, policy]) =>
      limitFinding(
        id,
        'statements of the policy of a queue',
        statementsOf(policy).length,
        MAX_QUEUE_STATEMENTS,
      ),
    ),
  ]
}

/** The number of permissions of each function, by the expression that names the function. */
export function permissionsByFunction(
  permissions: readonly (readonly [string, Resource])[],
): Map<string, number> {
  const counts = new Map<string, number>()
  for (const [, { Properties }] of permissions) {
    const name = JSON.stringify(Properties?.['FunctionName'])
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function statementsOf({ Properties }: Resource): readonly unknown[] {
  const document = Properties?.['PolicyDocument'] as { Statement: readonly unknown[] } | undefined
  return document?.Statement ?? []
}

function documentBytes(document: unknown): number {
  return Buffer.byteLength(JSON.stringify(document))
}

function limitFinding(subject: string, unit: string, got: number, max: number): Finding[] {
  return got <= max ? [] : [finding('limits', subject, `expected at most ${max} ${unit}, got ${got}`)]
}
