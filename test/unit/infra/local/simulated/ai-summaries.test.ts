import { describe, expect, test } from 'vitest'
import { aiSummaries } from '#infra/local/simulated/ai-summaries.ts'
import { simulatedProfile } from '#infra/local/simulated/profile.ts'
import type { Facts } from '#shared/analysis/summaries/facts.ts'
import { summaryOf } from '#shared/analysis/summaries/summary-text.ts'
import { resolveUpstream } from '#shared/declare/upstream.ts'
import { SUMMARY_KINDS } from '#shared/systems/summaries/kinds.ts'
import { summaryRequest } from '#shared/systems/summaries/summary-request.ts'
import { aiSummaries as upstream } from '#shared/upstreams/ai-summaries.ts'
import { parseChatAnswer } from '#shared/upstreams/summaries/chat-completions.ts'

const NOW = Date.UTC(2026, 10, 27, 14)
const FACTS: Facts = {
  overall_score: 72.385,
  change: -0.004,
  market_value: 1_234_567.891,
  risk_level: 'MEDIUM',
  missing: null,
  session: '2026-11-24',
  confidence: 0.57,
}

function ask(body: unknown, path = '/chat/completions') {
  return aiSummaries(1, NOW, path, new URLSearchParams(), [], JSON.stringify(body))
}

describe('the simulated model', () => {
  test.each(SUMMARY_KINDS)(
    'writes a text of the facts of %s that it is sent, and says that it is simulated',
    (kind) => {
      const { body } = summaryRequest({ kind, facts: FACTS, model: 'simulated' })

      const response = ask(body)

      const classified = resolveUpstream(upstream, {}).classify(response, NOW)
      if (classified.kind !== 'ok') throw classified.error
      const { text, completionTokens } = parseChatAnswer(classified.body)
      expect(summaryOf(text, FACTS)).toEqual({ text })
      expect(text).toBe(
        '[simulated] The overall score is 72.39. The change is 0. The market value is 1234567.89. The risk level is MEDIUM. The session is 2026-11-24. The confidence is 0.57.',
      )
      expect(completionTokens).toBeGreaterThan(0)
    },
  )

  test.each<[unknown, string, number]>([
    [{ model: 'm', messages: [] }, '/chat/completions', 400],
    [{ messages: [{ role: 'user', content: '{"facts":{}}' }] }, '/chat/completions', 400],
    [{ model: 'm', messages: [{ role: 'user', content: 'no JSON' }] }, '/chat/completions', 400],
    [{}, '/completions', 404],
  ])('answers %j at %s with status %i', (body, path, status) => {
    expect(ask(body, path).status).toBe(status)
  })

  test('gives the same answer to the same question', () => {
    const { body } = summaryRequest({ kind: 'macro', facts: FACTS, model: 'simulated' })

    expect(ask(body)).toEqual(ask(body))
  })

  test('is on by the profile, whose settings the user may replace', () => {
    const settings = simulatedProfile(['ai-summaries'], { AI_SUMMARY_KINDS: 'technical' })

    expect(resolveUpstream(upstream, settings).off).toBeUndefined()
    expect(settings).not.toHaveProperty('AI_SUMMARY_KINDS')
  })
})
