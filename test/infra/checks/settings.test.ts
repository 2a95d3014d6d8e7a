import { describe, expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { findingText } from '#infra/checks/findings.ts'
import { checkSystem, expectSoundSystem } from '#infra/checks/system.ts'
import { userErrorLines } from '#infra/command/report-user-errors.ts'
import { cadenceOf } from '#infra/definitions/cadence.ts'
import { loadJobModules } from '#infra/estimates/job-modules.ts'
import { clockOf } from '#shared/declare/schedule.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { namedSettings, resolveSystem } from '#shared/declare/system.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { testStage } from '#test/support/infra/synthesis.ts'

const NOW = Date.UTC(2026, 10, 20)
const declarations = { jobs, upstreams }

/** Both ends of the range that the rule of a setting states; no text for a setting without an order. */
function endsOf(rule: string): readonly string[] {
  const [, from, to] = /^([\d.]+) to ([\d.]+)/.exec(rule) ?? []
  if (from !== undefined && to !== undefined) return [from, to]
  const [, least] = /^at least ([\d.]+)/.exec(rule) ?? []
  if (least !== undefined) return [least, '999999999999999']
  if (rule === 'true or false') return ['true', 'false']
  const [, words] = /^one of ([\w, ]+?)(?: minutes)?$/.exec(rule) ?? []
  return words === undefined ? [] : [words.split(', ')[0] as string, words.split(', ').at(-1) as string]
}

const cases = namedSettings(declarations).flatMap(({ name, setting }) =>
  endsOf(setting.rule).map((text) => [name, text] as const),
)

/** The lines with which `npm start` refuses settings; none when it starts. */
async function startLines(texts: SettingTexts): Promise<readonly string[]> {
  try {
    await expectSoundSystem(declarations, texts, NOW)
    return []
  } catch (error) {
    return userErrorLines(error) ?? [`a defect: ${String(error)}`]
  }
}

/** The lines with which `npm run plan` and a deployment refuse settings, but for the cost of a stage. */
async function planLines(settings: Record<string, string>): Promise<readonly string[]> {
  try {
    const config = testStage({ settings })
    const system = resolveSystem(declarations, config.settings)
    return checkSystem(system, config, await loadJobModules(system.jobs, NOW), NOW)
      .filter(({ severity, check }) => severity === 'error' && check !== 'cost' && check !== 'stage')
      .map(findingText)
  } catch (error) {
    return userErrorLines(error) ?? [`a defect: ${String(error)}`]
  }
}

const ADVICE = /^error freshness (\S+): .* the (?:smallest|largest) legal ([A-Z_]+) is (\d+) s/

describe('a setting at the end of its range', () => {
  test('is one of a job or an upstream, both ends of each', () => {
    expect(cases.length).toBeGreaterThan(40)
    expect(cases).toContainEqual(['GLOBAL_STATS_INTERVAL_MIN', '60'])
    expect(cases).toContainEqual(['HAMA_SCHEDULER_INTERVAL', '5'])
  })

  test.each(cases)(
    '%s=%s is refused by npm start and by npm run plan with the same lines, or by neither',
    async (name, text) => {
      const lines = await startLines({ [name]: text })

      expect(await planLines({ [name]: text })).toEqual(lines)
      for (const line of lines) expect(line).toMatch(/expected .+ got /)
      if (lines.length > 0) return
      for (const job of resolveSystem(declarations, { [name]: text }).jobs) {
        if (job.off !== undefined) continue
        const clock = clockOf(job.schedule)
        const needed = clock ? cadenceOf(clock).longestMs + job.spreadMs + job.run.deadlineMs : 0
        const { freshForMs, serveStaleForMs, keepForMs } = job.freshness
        expect([needed, freshForMs, serveStaleForMs, keepForMs]).toEqual(
          [needed, freshForMs, serveStaleForMs, keepForMs].toSorted((a, b) => a - b),
        )
      }
    },
  )

  test('that breaks the freshness of a job has a line with a value that mends it', async () => {
    const rejections = await Promise.all(
      cases.map(async ([name, text]) => ({
        texts: { [name]: text },
        lines: await startLines({ [name]: text }),
      })),
    )
    const advised = rejections.flatMap(({ texts, lines }) =>
      lines.flatMap((line) => {
        const [, job, setting, value] = ADVICE.exec(line) ?? []
        return job === undefined || setting === undefined || value === undefined
          ? []
          : [{ job, texts: { ...texts, [setting]: value } }]
      }),
    )

    expect(advised.length).toBeGreaterThan(8)
    for (const { job, texts } of advised) {
      const lines = (await startLines(texts)).filter((line) => line.startsWith(`error freshness ${job}`))
      expect([texts, lines]).toEqual([texts, []])
    }
  })
})
