import type { StageConfig } from '#infra/stages/config.ts'
import { isLoopback } from '#shared/declare/base-urls.ts'
import type { System } from '#shared/declare/system.ts'
import { type DeployedJob, undeployedJobs } from './deployed-jobs.ts'
import { type Finding, finding } from './findings.ts'

/** The region of an ARN: `arn:partition:service:region:...`. */
const REGION_PART = 3

/**
 * What is legal while a system is developed, and an error in production: providers on this machine, and public
 * submissions without a throttle of their own. In production, alarms have a recipient, and each job is in the list of
 * deployed jobs.
 */
export function checkStage(system: System, config: StageConfig, deployed: readonly DeployedJob[]): Finding[] {
  const severity = config.production ? 'error' : 'warning'
  const faults = [...loopbackFaults(system), ...submissionFaults(system, config)]
  return [
    ...faults.map(([subject, message]) => finding('stage', subject, message, severity)),
    ...regionFindings(config),
    ...(config.production ? [...alarmFindings(config), ...unlistedJobs(system, deployed)] : []),
  ]
}

type Fault = readonly [subject: string, message: string]

function loopbackFaults({ upstreams }: System): Fault[] {
  return [...upstreams.values()].flatMap(({ name, baseUrls }) =>
    baseUrls
      .filter(({ hostname }) => isLoopback(hostname))
      .map(
        ({ origin }): Fault => [
          name,
          `expected base URLs of the provider, got ${origin} on the loopback interface`,
        ],
      ),
  )
}

function submissionFaults({ jobs }: System, { submissions }: StageConfig): Fault[] {
  if (submissions !== undefined) return []
  const message = 'expected a throttle of public submissions (submissions.throttle of the stage), got none'
  return jobs
    .flatMap(({ submits }) => submits)
    .filter(({ access }) => access === 'public')
    .map(({ path }) => [path, message])
}

function alarmFindings({ alarmEmail, alarmTopicArn }: StageConfig): Finding[] {
  if (alarmEmail !== undefined || alarmTopicArn !== undefined) return []
  const message =
    'expected a recipient of alarms (alarmEmail or alarmTopicArn of the stage, or -c alarmEmail=…), got none'
  return [finding('stage', 'alarms', message)]
}

/** A certificate or a key of another region is refused by AWS during the deployment only. */
function regionFindings({ region, domain, encryptionKeyArn }: StageConfig): Finding[] {
  const arns = [
    ['domain.certificateArn', domain?.certificateArn],
    ['encryptionKeyArn', encryptionKeyArn],
  ] as const
  return arns.flatMap(([member, arn]) => {
    const got = arn?.split(':')[REGION_PART]
    if (region === undefined || got === undefined || got === region) return []
    return [
      finding('stage', member, `expected an ARN in ${region}, the region of the stage, got one in ${got}`),
    ]
  })
}

function unlistedJobs({ jobs }: System, deployed: readonly DeployedJob[]): Finding[] {
  return undeployedJobs(jobs, deployed).map((id) =>
    finding('names', id, `expected a line { "id": "${id}" } in infra/checks/deployed-jobs.json, got none`),
  )
}
