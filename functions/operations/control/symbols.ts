import * as z from 'zod/mini'
import { analysedSymbols, type StoredPair } from '#shared/analysis/universe.ts'
import type { Job } from '#shared/declare/job.ts'
import { defined } from '#shared/domain/defined.ts'
import type { Overrides } from '#shared/domain/records/control.ts'
import { shown } from '#shared/domain/text.ts'
import { activeOverrides, applyOverrides } from '#shared/engine/model/overrides.ts'
import { Datasets } from '#shared/read/datasets.ts'
import type { OperationPorts } from '../http/operation.ts'
import { expectOnlyParameters, parseOperationBody } from '../http/request.ts'
import { HttpError, inEnvelope } from '../http/response.ts'
import { triggerAfterChange } from '../runs/run-requests.ts'
import { publishControl, updateControl } from './control.ts'
import { parseSettings } from './overrides.ts'

const MAX_SYMBOLS = 200

/** The setting of each member of the body. */
const SETTING = { include: 'HAMA_INCLUDE', exclude: 'HAMA_EXCLUDE', size: 'HAMA_UNIVERSE_SIZE' } as const

type Member = keyof typeof SETTING

const symbolsBody = z.strictObject({
  include: z.optional(z.unknown()),
  exclude: z.optional(z.unknown()),
  size: z.optional(z.unknown()),
})

/**
 * Replaces which symbols are analysed: overrides three settings and requests one run, also when repeated. A missing
 * member is as configured; an empty object clears all three. Documented path.
 */
export const changeSymbols = inEnvelope(async (job, call) => {
  expectOnlyParameters(call.request.query, [])
  const requested = await parseSymbolSettings(job, parseOperationBody(call.request, symbolsBody), call.ports)
  const control = await updateControl(call, job, {
    action: 'override',
    message: symbolsMessage(requested),
    decide: ({ overrides, ...rest }) => {
      const { settings: previous, ...others } = overrides ?? {}
      if (isUnchanged(previous, requested.settings)) return undefined
      const next: Overrides = { ...others, ...requested }
      return { ...rest, ...(Object.keys(next).length === 0 ? {} : { overrides: next }) }
    },
  })
  await publishControl(job, control, call)
  const runId = await triggerAfterChange(job, call)
  return { ...symbolSettings(activeOverrides(job, control), job), run_id: runId ?? null }
})

/** The settings of a body. @throws {HttpError} 400 for illegal, unlisted or contradictory symbols */
async function parseSymbolSettings(
  job: Job,
  body: z.infer<typeof symbolsBody>,
  ports: OperationPorts,
): Promise<Pick<Overrides, 'settings'>> {
  const include = parseSymbols('include', body.include)
  const exclude = parseSymbols('exclude', body.exclude)
  const size = parseSize(body.size)
  const texts = defined({
    [SETTING.include]: include?.join(','),
    [SETTING.exclude]: exclude?.join(','),
    [SETTING.size]: size === undefined ? undefined : String(size),
  })
  const requested = parseSettings(job, texts, memberName)
  const listed = await loadListedSymbols(job, ports)
  if (include !== undefined && listed) expectListed('symbols in include', include, listed)
  const selection = symbolSettings(requested, job)
  if (include !== undefined || exclude !== undefined) expectDisjoint(selection)
  if (listed && analysedSymbols(listed.pairs, selection).length === 0)
    throw nothingToAnalyse(listed, selection)
  return requested
}

function symbolsMessage({ settings = {} }: Pick<Overrides, 'settings'>): string {
  const names = Object.keys(settings)
  return names.length === 0 ? 'Symbols reset to the configuration' : `Symbols replaced: ${names.join(', ')}`
}

/** The settings that apply with overrides: additional symbols, excluded symbols, and the number of most traded ones. */
function symbolSettings(overrides: Overrides | undefined, job: Job) {
  const { settings } = applyOverrides(overrides, job)
  return {
    include: settings[SETTING.include] as readonly string[],
    exclude: settings[SETTING.exclude] as readonly string[],
    size: settings[SETTING.size] as number,
  }
}

function parseSymbols(name: Member, value: unknown): readonly string[] | undefined {
  if (value === undefined) return undefined
  const isList = Array.isArray(value) && value.length <= MAX_SYMBOLS
  // In the setting, a comma separates two symbols.
  const isValid =
    isList &&
    value.every((symbol) => typeof symbol === 'string' && symbol.trim() !== '' && !symbol.includes(','))
  if (isValid) return [...new Set((value as string[]).map((symbol) => symbol.trim().toUpperCase()))]
  throw new HttpError({ status: 400, message: `${name} must be at most ${MAX_SYMBOLS} symbols` })
}

/** A number; the setting checks its range. */
function parseSize(value: unknown): number | undefined {
  if (value === undefined || typeof value === 'number') return value
  throw new HttpError({ status: 400, message: `size: expected a number, got ${shown(value)}` })
}

function memberName(setting: string): string {
  return Object.entries(SETTING).find(([, name]) => name === setting)?.[0] ?? setting
}

function expectDisjoint({ include, exclude }: ReturnType<typeof symbolSettings>): void {
  const both = include.filter((symbol) => exclude.includes(symbol))
  if (both.length === 0) return
  const message = `expected symbols in one of include and exclude, got in both: ${both.slice(0, MAX_NAMES).join(', ')}`
  throw new HttpError({ status: 400, message })
}

function nothingToAnalyse(
  { pairs }: ListedSymbols,
  { size, include, exclude }: ReturnType<typeof symbolSettings>,
): HttpError {
  const message =
    `expected at least one symbol to analyse, got none of ${pairs.length} listed ones with size ${size}, ` +
    `${include.length} in include and ${exclude.length} in exclude`
  return new HttpError({ status: 400, message })
}

function isUnchanged(previous: Overrides['settings'] = {}, requested: Overrides['settings'] = {}): boolean {
  return Object.values(SETTING).every((name) => previous[name] === requested[name])
}

/** The largest number of symbols that a message names. */
const MAX_NAMES = 20

/** The symbols of a stored list. */
export interface ListedSymbols {
  /** The symbols that are refreshed. */
  readonly active: readonly string[]
  /** All listed pairs. */
  readonly pairs: readonly StoredPair[]
  /** Whether a symbol is listed, active or not. */
  has(symbol: string): boolean
}

/** The stored set of a job that lists symbols; `undefined` before its first publication. @throws the table's error */
export async function loadListedSymbols(
  job: Job,
  { store, clock }: Pick<OperationPorts, 'store' | 'clock'>,
): Promise<ListedSymbols | undefined> {
  const stored = await new Datasets(store, clock).set(job)
  if (!stored) return undefined
  const { symbols } = stored.set.head as { readonly symbols: readonly string[] }
  const pairs = [...stored.set.entries.values()].map(({ data }) => data as unknown as StoredPair)
  return { active: symbols, pairs, has: (symbol) => stored.set.entries.has(symbol) }
}

/** @throws {HttpError} 400 with the names of the symbols that are not listed */
export function expectListed(what: string, symbols: readonly string[], listed: ListedSymbols): void {
  const unknown = symbols.filter((symbol) => !listed.has(symbol))
  if (unknown.length === 0) return
  const names = unknown.slice(0, MAX_NAMES).join(', ')
  throw new HttpError({ status: 400, message: `unknown ${what}: ${names}` })
}
