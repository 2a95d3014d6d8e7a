import * as z from 'zod/mini'
import type { Job } from '#shared/declare/job.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { activeOverrides, applyOverrides } from '#shared/engine/model/overrides.ts'
import { Datasets } from '#shared/read/datasets.ts'
import { publishControl, updateControl } from './control.ts'
import type { OperationPorts } from './http/operation.ts'
import { expectOnlyParameters, parseBody } from './http/request.ts'
import { HttpError, inEnvelope, shown } from './http/response.ts'
import { parseSettings } from './overrides.ts'
import { triggerAfterChange } from './run-requests.ts'

const MAX_SYMBOLS = 200

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
  expectOnlyParameters(call.request.query, [])
  const said = parseBody(call.request, schema)
  const include = parseSymbols('include', said.include)
  const exclude = parseSymbols('exclude', said.exclude)
  const size = parseSize(said.size)
  const texts = {
    ...(include === undefined ? {} : { [SETTING.include]: include.join(',') }),
    ...(exclude === undefined ? {} : { [SETTING.exclude]: exclude.join(',') }),
    ...(size === undefined ? {} : { [SETTING.size]: String(size) }),
  }
  const wanted = parseSettings(job, texts, memberName)
  const listed = await loadListedSymbols(job, call.ports)
  if (include !== undefined && listed) expectListed('symbols in include', include, listed)
  if (include !== undefined || exclude !== undefined) expectDisjoint(symbolSettings(wanted, job))

  const control = await updateControl(call, job, 'override', ({ overrides, ...others }) => {
    const { settings: before, ...parts } = overrides ?? {}
    if (isUnchanged(before, wanted.settings)) return undefined
    const held: Overrides = { ...parts, ...wanted }
    return { ...others, ...(Object.keys(held).length === 0 ? {} : { overrides: held }) }
  })
  await publishControl(job, control, call)
  const run = await triggerAfterChange(job, call)
  return { ...symbolSettings(activeOverrides(job, control), job), run_id: run ?? null }
})

/** What is analysed under overrides: symbols beside the most traded ones, symbols that are not, and how many. */
function symbolSettings(overrides: Overrides | undefined, job: Job) {
  const { settings } = applyOverrides(overrides, job)
  return {
    include: settings[SETTING.include] as readonly string[],
    exclude: settings[SETTING.exclude] as readonly string[],
    size: settings[SETTING.size] as number,
  }
}

function parseSymbols(name: Member, said: unknown): readonly string[] | undefined {
  if (said === undefined) return undefined
  const isList = Array.isArray(said) && said.length <= MAX_SYMBOLS
  // a comma would make two of one
  const isTold =
    isList && said.every((one) => typeof one === 'string' && one.trim() !== '' && !one.includes(','))
  if (isTold) return [...new Set((said as string[]).map((one) => one.trim().toUpperCase()))]
  throw new HttpError({ status: 400, message: `${name} must be at most ${MAX_SYMBOLS} symbols` })
}

/** Whether it is in range is the setting's to say. */
function parseSize(said: unknown): number | undefined {
  if (said === undefined || typeof said === 'number') return said
  throw new HttpError({ status: 400, message: `size: expected a number, got ${shown(said)}` })
}

function memberName(setting: string): string {
  return Object.entries(SETTING).find(([, name]) => name === setting)?.[0] ?? setting
}

function expectDisjoint({ include, exclude }: ReturnType<typeof symbolSettings>): void {
  const both = include.filter((symbol) => exclude.includes(symbol))
  if (both.length === 0) return
  const message = `expected symbols in one of include and exclude, got in both: ${both.slice(0, 20).join(', ')}`
  throw new HttpError({ status: 400, message })
}

function isUnchanged(before: Overrides['settings'] = {}, wanted: Overrides['settings'] = {}): boolean {
  return Object.values(SETTING).every((name) => before[name] === wanted[name])
}

/** Names in a message. */
const MAX_NAMES = 20

/** The symbols that can be asked for, and those that are refreshed. */
export interface ListedSymbols {
  readonly active: readonly string[]
  has(symbol: string): boolean
}

/** The stored set of a job that lists symbols; `undefined` where none was published yet. @throws what the table throws */
export async function loadListedSymbols(
  job: Job,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): Promise<ListedSymbols | undefined> {
  const found = await new Datasets(store, clock).set(job)
  if (!found) return undefined
  const { symbols } = found.set.head as { readonly symbols: readonly string[] }
  return { active: symbols, has: (symbol) => found.set.entries.has(symbol) }
}

/** @throws {HttpError} 400 with the names of those that are not listed */
export function expectListed(what: string, symbols: readonly string[], listed: ListedSymbols): void {
  const unknown = symbols.filter((symbol) => !listed.has(symbol))
  if (unknown.length === 0) return
  const names = unknown.slice(0, MAX_NAMES).join(', ')
  throw new HttpError({ status: 400, message: `unknown ${what}: ${names}` })
}
