/*
 * Reports the permissions that no process of the acceptance suite has used, and ends with 1 if one of them has no reason.
 * Jobs have the same permissions, as far as their declarations agree: a use by one of them is a use of the permission.
 * `--reset` forgets what was used.
 */

import { jobs } from '#functions/jobs/declared.ts'
import { functionPermissions } from '#infra/definitions/permissions.ts'
import { permissionParts, type UsedPermission } from '#infra/local/aws/roles.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { resetUsedPermissions, usedPermissions } from '#test/support/roles/used-permissions.ts'

/** Permissions that the suite does not use, with the reason why they stay. */
const REASONS: Readonly<Record<string, string>> = {
  'operations sqs:DeleteMessage arn:aws:sqs:eu-central-1:000000000000:undelivered':
    'on one machine every event reaches its function',
  'operations sqs:DeleteMessage arn:aws:sqs:eu-central-1:000000000000:failed-runs':
    'deletes the message of an invocation that failed; no function of the suite fails',
  'submit dynamodb:UpdateItem job#*#runs':
    'closes a task whose state machine cannot be started; on one machine it always can',
}

const ids = jobs.map(({ id }) => id)
const providers = upstreams.map(({ name }) => name)

/** The permission without the job, the upstream or the parameter that it is about: `job-* dynamodb:GetItem job#*#runs`. */
function familyOf({ functionName, action, pattern }: UsedPermission): string {
  const family = pattern
    .replace(/^(job|public)#([^#]+)/, (text, kind, id) => (ids.includes(id) ? `${kind}#*` : text))
    .replace(/^upstream#(.+)/, (text, name) => (providers.includes(name) ? 'upstream#*' : text))
    .replace(/:(parameter|stateMachine)[:/].*/, ':$1/*')
  return `${functionName.replace(/^job-.*/, 'job-*')} ${action} ${family}`
}

if (process.argv.includes('--reset')) {
  await resetUsedPermissions()
} else {
  const settings = {
    COINGECKO_PLAN: 'demo',
    COINGECKO_KEY_PARAMETER: '/freshet/coingecko',
    ALPHA_VANTAGE_KEY_PARAMETER: '/freshet/alpha-vantage',
  }
  const system = resolveSystem({ jobs, upstreams }, settings)
  const families = new Set(permissionParts(functionPermissions(system)).map(familyOf))
  const used = new Set((await usedPermissions()).map(familyOf))
  const unused = [...families].filter((family) => !used.has(family))
  const unexplained = unused.filter((family) => !Object.hasOwn(REASONS, family))
  const obsolete = Object.keys(REASONS).filter((family) => !unused.includes(family))
  for (const family of unexplained) print(`expected a use of a permission, got none: ${family}`)
  for (const family of obsolete)
    print(`expected no reason for a permission that is used or gone, got one: ${family}`)
  print(`${families.size} kinds of permissions, ${families.size - unused.length} used`)
  if (unexplained.length + obsolete.length > 0) process.exitCode = 1
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
