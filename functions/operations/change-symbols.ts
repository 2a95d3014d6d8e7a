import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { heldOverrides, jobUnder } from '#shared/engine/override.ts'
import { bodyOf } from './body.ts'
import { changeControl } from './change-control.ts'
import { inEnvelope } from './in-envelope.ts'
import { expectListed, listedSymbols } from './listed-symbols.ts'
import { expectOnly } from './query.ts'
import { Refused, shown } from './refused.ts'
import { runAnew } from './run-anew.ts'
import { settingsOf } from './settings-of.ts'
import { tell } from './tell.ts'

const MOST_SYMBOLS = 200

/** The settings of the job that a member of the body stands for. */
const SETTING = { include: 'HAMA_INCLUDE', exclude: 'HAMA_EXCLUDE', size: 'HAMA_UNIVERSE_SIZE' } as const

type Member = keyof typeof SETTING

const schema = z.strictObject({
  include: z.optional(z.unknown()),
  exclude: z.optional(z.unknown()),
  size: z.optional(z.unknown()),
})

/**
 * Replaces which symbols are analysed, in the documented shape: an override of three settings, and one run that obeys
 * it, said again too. A member that is left out is as configured, an empty object clears all three.
 */
export const changeSymbols = inEnvelope(async (job, call) => {
  expectOnly(call.request.query, [])
  const said = bodyOf(call.request, schema)
  const include = symbolsOf('include', said.include)
  const exclude = symbolsOf('exclude', said.exclude)
  const size = sizeOf(said.size)
  const texts = {
    ...(include === undefined ? {} : { [SETTING.include]: include.join(',') }),
    ...(exclude === undefined ? {} : { [SETTING.exclude]: exclude.join(',') }),
    ...(size === undefined ? {} : { [SETTING.size]: String(size) }),
  }
  const wanted = settingsOf(job, texts, memberOf)
  const listed = await listedSymbols(job, call.ports)
  if (include !== undefined && listed) expectListed('symbols in include', include, listed)
  if (include !== undefined || exclude !== undefined) expectApart(under(wanted, job))

  const control = await changeControl(call, job, 'override', ({ overrides, ...others }) => {
    const { settings: before, ...parts } = overrides ?? {}
    if (isSame(before, wanted.settings)) return undefined
    const held: Overrides = { ...parts, ...wanted }
    return { ...others, ...(Object.keys(held).length === 0 ? {} : { overrides: held }) }
  })
  await tell(job, control, call)
  const run = await runAnew(job, call)
  return { ...under(heldOverrides(job, control), job), run_id: run ?? null }
})

/** What is analysed under overrides: symbols beside the most traded ones, symbols that are not, and how many. */
function under(overrides: Overrides | undefined, job: Job) {
  const { settings } = jobUnder(overrides, job)
  return {
    include: settings[SETTING.include] as readonly string[],
    exclude: settings[SETTING.exclude] as readonly string[],
    size: settings[SETTING.size] as number,
  }
}

function symbolsOf(name: Member, said: unknown): readonly string[] | undefined {
  if (said === undefined) return undefined
  const isList = Array.isArray(said) && said.length <= MOST_SYMBOLS
  // a comma would make two of one
  const isTold =
    isList && said.every((one) => typeof one === 'string' && one.trim() !== '' && !one.includes(','))
  if (isTold) return [...new Set((said as string[]).map((one) => one.trim().toUpperCase()))]
  throw new Refused({ status: 400, message: `${name} must be at most ${MOST_SYMBOLS} symbols` })
}

/** Whether it is in range is the setting's to say. */
function sizeOf(said: unknown): number | undefined {
  if (said === undefined || typeof said === 'number') return said
  throw new Refused({ status: 400, message: `size: expected a number, got ${shown(said)}` })
}

function memberOf(setting: string): string {
  return Object.entries(SETTING).find(([, name]) => name === setting)?.[0] ?? setting
}

function expectApart({ include, exclude }: ReturnType<typeof under>): void {
  const both = include.filter((symbol) => exclude.includes(symbol))
  if (both.length === 0) return
  const message = `expected symbols in one of include and exclude, got in both: ${both.slice(0, 20).join(', ')}`
  throw new Refused({ status: 400, message })
}

function isSame(before: Overrides['settings'] = {}, wanted: Overrides['settings'] = {}): boolean {
  return Object.values(SETTING).every((name) => before[name] === wanted[name])
}
