import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/declared-jobs.ts'
import { operatePage } from '#infra/pages/operate-page.ts'
import { settingsPage } from '#infra/pages/settings-page.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { synthesize } from '#test/support/synthesis.ts'

const page = (name: string) => readFileSync(join(resolve(import.meta.dirname, '../../docs'), name), 'utf8')
const CURRENT = 'npm run reference writes it anew'

test.each([
  ['settings.md', () => settingsPage({ jobs, upstreams })],
  ['operate.md', () => operatePage(jobs.map((job) => resolveJob(job, {})))],
])('the generated page %s is current', (name, generated) => {
  expect(page(name), CURRENT).toBe(generated())
})

describe('the runbook', () => {
  const text = page('operate.md')
  const entries = [...text.matchAll(/^### (.+)$/gm)].map(([, title = '']) => title)
  const alarms = synthesize({ jobs }).ofType('AWS::CloudWatch::Alarm')
  const linked = alarms.map(
    ({ properties }) =>
      /Runbook: docs\/operate\.md#(\S+)$/.exec(properties.AlarmDescription)?.[1] ?? 'nothing',
  )

  test('has an entry for every alarm of the template, and an alarm for every entry', () => {
    expect([...new Set(linked)].sort()).toEqual(entries.toSorted())
  })

  test('lists every alarm of the template under its own name', () => {
    const listed = [...text.matchAll(/^\| \[`([^`]+)`\]\(#(.+?)\)/gm)].map(
      ([, name, kind]) => `${name} ${kind}`,
    )

    const deployed = alarms.map(
      ({ properties }, index) => `${properties.AlarmName.replace(/^test-/, '<stage>-')} ${linked[index]}`,
    )

    expect(listed.toSorted()).toEqual(deployed.toSorted())
  })

  test('says in every entry what it means, where to look and what to do', () => {
    for (const entry of text.split(/^### /m).slice(1))
      expect(entry).toMatch(/^.+\n\n\S[^\n]+\n\nLook:\n\n1\. \S[\s\S]+\n\nDo:\n\n- \S/)
  })
})
