import type { RouteRow } from '#shared/http/routes.ts'
import type { Finding, TemplateResource as Resource, SynthesizedTemplate } from './findings.ts'
import { checkRouteAuthorization } from './routes.ts'
import { checkStateMachines } from './state-machines.ts'

const MAX_RESOURCES = 500

/** A function's resource policy holds 20 KB; a statement of ours renders to under 500 bytes. */
const MAX_PERMISSIONS = 40

/** Bytes, of all inline policies of one role. */
const MAX_ROLE_POLICY_BYTES = 10_240

const MAX_QUEUE_STATEMENTS = 20

/** What is wrong with a template: routes without their guard, machines that could hang, and what AWS would refuse half-way through a deployment. */
export function checkTemplate(template: SynthesizedTemplate, rows: readonly RouteRow[]): Finding[] {
  return [
    ...checkRouteAuthorization(template, rows),
    ...checkStateMachines(template),
    ...checkSizes(template),
  ]
}

/** What AWS refuses at deployment only, when half of the stack is already there. */
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

/** How many permissions each function's policy holds, by what names the function. */
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

function limitFinding(subject: string, what: string, got: number, most: number): Finding[] {
  if (got <= most) return []
  return [
    { check: 'limits', subject, message: `expected at most ${most} ${what}, got ${got}`, severity: 'error' },
  ]
}
