import { expect, test } from 'vitest'
import { checkStage } from '#infra/checks/stage.ts'
import { resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'
import { tinyJob } from '#test/support/jobs/test-jobs.ts'

const ID = '12345678-1234-1234-1234-123456789012'
const system = resolveSystem({ jobs: [tinyJob()], upstreams }, {})
const optionsIn = (region: string) => ({
  domain: {
    name: 'data.example.org',
    certificateArn: `arn:aws:acm:${region}:111122223333:certificate/${ID}`,
  },
  encryptionKeyArn: `arn:aws:kms:${region}:111122223333:key/${ID}`,
})

test('a certificate and a key of another region than that of the stage are refused', () => {
  const config = testStage({ region: 'eu-central-1', ...optionsIn('us-east-1') })

  const findings = checkStage(system, config, [])

  expect(findings.map(({ subject, severity, message }) => [subject, severity, message])).toEqual(
    ['domain.certificateArn', 'encryptionKeyArn'].map((member) => [
      member,
      'error',
      'expected an ARN in eu-central-1, the region of the stage, got one in us-east-1',
    ]),
  )
})

test('those of its own region are accepted, and any where the stage file has no region', () => {
  const same = testStage({ region: 'eu-central-1', ...optionsIn('eu-central-1') })

  expect(checkStage(system, same, [])).toEqual([])
  expect(checkStage(system, testStage({ domain: optionsIn('us-east-1').domain }), [])).toEqual([])
})
