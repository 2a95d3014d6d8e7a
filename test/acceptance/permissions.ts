/*
 * Reports the permissions that no process of the acceptance suite has used, and ends with 1 if one of them has no reason.
 * `--reset` forgets what was used.
 */

import { jobs } from '#functions/jobs/declared.ts'
import { functionPermissions } from '#infra/definitions/permissions.ts'
import { permissionParts } from '#infra/local/aws/roles.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { resetUsedPermissions, usedPermissions } from '#test/support/roles/used-permissions.ts'

/** Permissions that the suite does not use, with the reason why they stay. */
const REASONS: readonly (readonly [pattern: RegExp, reason: string])[] = []

if (process.argv.includes('--reset')) {
  await resetUsedPermissions()
} else {
  const settings = { COINGECKO_PLAN: 'demo', COINGECKO_KEY_PARAMETER: '/freshet/coingecko' }
  const system = resolveSystem({ jobs, upstreams }, settings)
  const used = await usedPermissions()
  const parts = permissionParts(functionPermissions(system)).map(
    ({ functionName, action, pattern }) => `${functionName} ${action} ${pattern}`,
  )
  const unused = parts.filter((part) => !used.has(part))
  const unexplained = unused.filter((part) => !REASONS.some(([pattern]) => pattern.test(part)))
  const idle = REASONS.filter(([pattern]) => !unused.some((part) => pattern.test(part)))
  for (const part of unexplained) console.log(`expected a use of a permission, got none: ${part}`)
  for (const [pattern] of idle) console.log(`expected an unused permission for a reason, got none: ${pattern}`)
  console.log(`${parts.length} permissions, ${parts.length - unused.length} used`)
  if (unexplained.length + idle.length > 0) process.exitCode = 1
}
