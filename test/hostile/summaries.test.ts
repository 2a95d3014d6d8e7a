import { describe, expect, test } from 'vitest'
import { schemas } from '#functions/jobs/ai-summaries/schema.ts'
import { aiSummaries } from '#infra/local/simulated/ai-summaries.ts'
import { summaryOf } from '#shared/analysis/summaries/summary-text.ts'
import { DAY_MS } from '#shared/domain/duration.ts'
import { macroFacts } from '#shared/systems/summaries/macro-facts.ts'
import { summaryRequest } from '#shared/systems/summaries/summary-request.ts'
import { riskData, summariesWorld } from '#test/fakes/jobs/ai-summaries.ts'
import type { Json } from './json.ts'
import { type Attack, attacksOf, mutationsOf } from './mutations/mutations.ts'
import { hostileOptions } from './options.ts'
import { unitOf } from './units/units.ts'

/*
 * The attack of the summaries. A model is asked only when the figures have changed, so that it has runs of its own: over a
 * stored summary, the figures change, a run gets a mutated answer, and the next one a good answer.
 */

const NOW = Date.UTC(2026, 10, 24, 17, 25)
const OLD = riskData(76)
const NEW = riskData(77)
const FACTS = macroFacts(NEW) ?? {}
const PATH = '/chat/completions'
const SCHEMA = schemas['/api/v1/admin/summaries/{kind}/{key}']

/** Longer than a read keeps a value in its memory. */
const CACHED_MS = 60_000

/** A sample has one of so many attacks. */
const SAMPLED = 8

const options = hostileOptions(process.env, Date.now())

function goodAnswer(facts = FACTS) {
  const { body } = summaryRequest({ kind: 'macro', facts, model: 'small-model' })
  return aiSummaries(1, NOW, PATH, new URLSearchParams(), [], JSON.stringify(body))
}

const call = { provider: 'ai-summaries', path: PATH, sentPath: PATH, query: '' }
const attacks = attacksOf(mutationsOf([{ call, text: goodAnswer().body }]), options.seed, 0).filter(
  (_, index) => options.all || index % SAMPLED === options.seed % SAMPLED,
)

interface ServedSummary {
  readonly data: Readonly<Record<string, Json>> & { readonly text: string }
}

/** Everything that an attack breaks. */
async function attack({ mutations: [mutation] }: Attack): Promise<readonly string[]> {
  const world = summariesWorld(NOW)
  await world.risk(OLD)
  await world.nextTick()
  const served = async () => {
    const { status, body } = await world.summary('macro/overall')
    return { status, body: body as ServedSummary }
  }
  const { body: before } = await served()
  await world.risk(NEW)
  const good = goodAnswer()
  world.script(() => ({ ...good, body: mutation?.mutate(good.body) ?? '' }))

  const run = await world.nextTick()

  const { status, body } = await served()
  const { text } = body.data
  const isOld = text === before.data.text
  const findings = [
    ...(run.reason === 'defect' || run.status === 'running' ? [`${run.status}: ${run.message}`] : []),
    ...((run.attempts ?? 0) > 2 ? [`${run.attempts} attempts`] : []),
    ...(status === 200 ? [] : [`status ${status}`]),
    ...(SCHEMA.safeParse(body).success ? [] : ['a body that is not documented']),
    ...(isOld === (run.status === 'failed') ? [] : [`${run.status} with the text ${text}`]),
    ...(isOld || summaryOf(text, FACTS).text === text ? [] : [`a text that is not of the facts: ${text}`]),
    ...Object.entries(body.data).flatMap(([name, value]) => unitFaults(name, value)),
  ]
  world.script(() => good)
  // of a text that was accepted, the facts have not changed
  const healed = await world.triggered()
  // reads have the value for some seconds
  world.clock.advance(CACHED_MS)
  const { body: after } = await served()
  const expected = summaryOf(
    (JSON.parse(good.body) as Completion).choices[0]?.message.content ?? '',
    FACTS,
  ).text
  return after.data.text === expected ? findings : [...findings, `no recovery: ${healed.status}`]
}

interface Completion {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
}

function unitFaults(name: string, value: Json): readonly string[] {
  const unit = unitOf(name, '', 'ai-summaries')
  if (unit === undefined) return [`add the unit of ${name} in test/hostile/units/`]
  const expected = unit(value, { now: NOW + DAY_MS, recentMs: 2 * DAY_MS, job: 'ai-summaries' })
  return expected === undefined ? [] : [`${name}: expected ${expected}, got ${JSON.stringify(value)}`]
}

describe('whatever a model answers', () => {
  test('the good answer is a summary of the facts', async () => {
    const world = summariesWorld(NOW)
    await world.risk(NEW)
    world.script(() => goodAnswer())

    expect(await world.nextTick()).toMatchObject({ status: 'succeeded' })
    expect(attacks.length).toBeGreaterThan(50)
  })

  test('only a text of the facts is served, nothing is a defect, and the next answer heals', {
    timeout: 600_000,
  }, async () => {
    const findings: string[] = []
    for (const each of attacks)
      findings.push(...(await attack(each)).map((finding) => `${each.id}: ${finding}`))

    expect(findings).toEqual([])
  })
})
