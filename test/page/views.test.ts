import { describe, expect, test } from 'vitest'
import { accessibilityViolations, excessWidth } from '#test/support/browser/accessibility.ts'
import { NO_BROWSER } from '#test/support/browser/browser.ts'
import { startedPage } from '#test/support/browser/started-page.ts'
import { screenshot } from '#test/support/browser/visit.ts'

const PUBLIC_VIEWS = [
  ['overview', ''],
  ['dataset-record', '#/datasets/hama'],
  ['dataset-series', '#/datasets/technical'],
  ['dataset-scores', '#/datasets/position-scores'],
  ['dataset-rates', '#/datasets/funding-rates'],
  ['timeline', '#/timeline'],
  ['api', '#/api'],
  ['unknown', '#/nothing'],
] as const

const OPERATOR_VIEWS = [
  ['operator-dataset', '#/datasets/hama'],
  ['upstreams', '#/upstreams'],
  ['audit', '#/audit'],
] as const

describe.skipIf(NO_BROWSER)('each view', () => {
  const started = startedPage({
    only: [
      'global-market',
      'symbol-universe',
      'hama',
      'technical',
      'fundamental',
      'position-scores',
      'funding-contracts',
      'funding-rates',
    ],
    refreshed: ['hama', 'technical', 'position-scores', 'funding-rates'],
  })

  test.for([
    ['light', 'desk', 1_280],
    ['dark', 'phone', 390],
  ] as const)(
    'in %s colours on a %s is accessible, fits the width, and violates no policy',
    async ([colorScheme, device, width], { onTestFinished }) => {
      const { system, token, visit } = started.current
      const operator = await system.operator()
      await operator.post('/v1/jobs/{id}/resume', { path: { id: 'hama' }, body: { reason: 'a look' } })
      const problems: string[] = []
      for (const [views, signedIn] of [
        [PUBLIC_VIEWS, false],
        [OPERATOR_VIEWS, true],
      ] as const) {
        const options = { colorScheme, viewport: { width, height: 800 }, ...(signedIn ? { token } : {}) }
        const { page, complaints, open } = await visit(onTestFinished, options)
        for (const [name, view] of views) {
          await open(view)
          await screenshot(page, `${name}-${device}`)
          const excess = await excessWidth(page)
          if (excess > 0) problems.push(`${name}: ${excess} pixels too wide`)
          for (const violation of await accessibilityViolations(page)) problems.push(`${name}: ${violation}`)
        }
        problems.push(...complaints)
      }

      expect(problems).toEqual([])
    },
  )
})
