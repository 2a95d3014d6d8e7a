import { describe, expect, it } from 'vitest'
import { list } from '#shared/declare/settings.ts'
import { run } from '#shared/engine/run.ts'
import { submit } from '#shared/engine/task/submit.ts'
import { priceBody, pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'
import { taskMachines } from '#test/fakes/world/task-machine.ts'

const TICK = Date.UTC(2026, 10, 20, 12, 1)
const MINUTE = 60_000

const settings = {
  SYMBOLS: list(['S000'], {
    of: (word): word is string => /^S\d{3}$/.test(word),
    rule: 'symbols',
    about: 'x',
  }),
}

/** Prices of the symbols that a setting names; each step notes the setting that it sees. */
function symbolsWorld(text: string | undefined, mode: 'plain' | 'task' = 'plain') {
  const base = pricesWorld('items', symbolNames(5), TICK, {
    change: {
      settings,
      overridable: ['SYMBOLS'],
      run: { deadline: '2 minutes', ...(mode === 'task' ? { mode, chunk: 1 } : { mode }) },
    },
  })
  const decide = (next: string, revision: number) =>
    base.store.memory.controls.set('prices-items', { revision, overrides: { settings: { SYMBOLS: next } } })
  if (text !== undefined) decide(text, 1)
  base.script(({ url }) => ({ status: 200, body: priceBody(url, 1, TICK) }))
  const notes: string[] = []
  const note = (step: string, job: { readonly settings: Readonly<Record<string, unknown>> }) => {
    const symbols = job.settings['SYMBOLS'] as readonly string[]
    notes.push(`${step} ${symbols.join(' ')}`)
    return symbols
  }
  const { refresh } = base.work
  const work: typeof base.work = {
    ...base.work,
    refresh: {
      ...refresh,
      plan: (context) => {
        const symbols = note('plan', context.job)
        const all = refresh.plan(context)
        return all === 'stored' || 'nothingToDo' in all ? all : all.filter(({ key }) => symbols.includes(key))
      },
      parse: (bodies, context) => {
        note('parse', context.job)
        return refresh.parse(bodies, context)
      },
    },
  }
  return { ...base, work, notes, decide }
}

describe('an override of a setting', () => {
  it('applies to all steps of a run, of a tick and of one key', async () => {
    const { work, notes } = symbolsWorld('S001,S002')

    const tick = await run({ cause: 'tick', tick: TICK }, work)
    const keyed = await run({ cause: 'cold-read', key: 'S002', event: { id: 'a', at: TICK } }, work)

    expect([tick.counts?.planned, keyed.status]).toEqual([2, 'unchanged'])
    expect(new Set(notes)).toEqual(new Set(['plan S001 S002', 'parse S001 S002']))
  })

  it('is the same in every step of a task, even when it is changed in between', async () => {
    const { work, notes, decide, store } = symbolsWorld('S001,S002', 'task')
    const { job, ports } = work
    const stateMachines = taskMachines(work, ({ step }) => {
      if (step === 'chunk') decide('S004', 2)
      return 'pass'
    })
    const submitted = await submit({ job, cause: 'operator', params: {} }, { ...ports, store, stateMachines })

    const end = await stateMachines.run('run' in submitted ? submitted.run.id : '')

    expect(end).toBe('end')
    expect(notes).toEqual(['plan S001 S002', 'parse S001 S002', 'parse S001 S002'])
  })

  it('keeps the other settings as configured, and ends when it is cleared', async () => {
    const { work, notes, store } = symbolsWorld('S003')
    await run({ cause: 'tick', tick: TICK }, work)
    store.memory.controls.set('prices-items', { revision: 2 })

    await run({ cause: 'tick', tick: TICK + 5 * MINUTE }, work)

    expect(notes).toEqual(['plan S003', 'parse S003', 'plan S000', 'parse S000'])
  })

  it.each([
    ['of a text that is not legal any more', { SYMBOLS: 'nothing' }],
    ['of a setting that is not to be overridden any more', { GONE: 'S001' }],
  ])('%s has no effect, and is logged', async (_, overridden) => {
    const { work, notes, store, lines } = symbolsWorld(undefined)
    store.memory.controls.set('prices-items', { revision: 1, overrides: { settings: overridden as never } })

    const { status } = await run({ cause: 'tick', tick: TICK }, work)

    expect([status, notes[0]]).toEqual(['succeeded', 'plan S000'])
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'WARN', job: 'prices-items', settings: Object.keys(overridden)[0] }),
    )
  })

  it('makes an unconditional request: "not modified" does not apply under other settings', async () => {
    const { work, script, calls } = symbolsWorld(undefined)
    script(({ url }) => ({ status: 200, body: priceBody(url, 1, TICK), headers: { etag: '"a"' } }))

    await run({ cause: 'tick', tick: TICK }, work)
    await run({ cause: 'tick', tick: TICK + 5 * MINUTE }, work)

    expect(calls.map(({ headers }) => headers?.['if-none-match'])).toEqual([undefined, undefined])
  })
})
