import { summaryOf } from '#shared/analysis/summaries/summary-text.ts'
import type { Job } from '#shared/declare/job.ts'
import { RefreshError } from '#shared/domain/errors.ts'
import { asJson } from '#shared/domain/json.ts'
import { isoSeconds } from '#shared/domain/time.ts'
import type { ParseContext, PlanContext, Previous, Refresh } from '#shared/engine/model/refresh.ts'
import { runSummary } from '#shared/systems/common/run-summary.ts'
import { activeSymbols, portfolioOf } from '#shared/systems/portfolio/positions.ts'
import type { SummaryKind } from '#shared/systems/summaries/kinds.ts'
import { keysOf, type StoredSubject, storedSubject, subjectsOf } from '#shared/systems/summaries/subjects.ts'
import { factsHash, type StoredSummary, summaryKey } from '#shared/systems/summaries/summary-record.ts'
import { summaryRequest } from '#shared/systems/summaries/summary-request.ts'
import { parseChatAnswer } from '#shared/upstreams/summaries/chat-completions.ts'

const HOURS_A_DAY = 24

/** A text about a subject: what a model answered, or what is stored about the same facts. */
interface Summary {
  readonly subject: StoredSubject
  readonly text: string
  /** When the model wrote it, in milliseconds since the epoch. */
  readonly writtenAt: number
  /** Why the text cannot be shown. */
  readonly fault?: string | undefined
  readonly tokens: { readonly prompt: number; readonly completion: number }
}

export const refresh: Refresh<Summary> = {
  renderVersion: 1,

  keys: (context) => keysOf(declaredSubjects(context)),

  // the macro risk first, then what was confirmed longest ago; the inputs of a run of one key are not read
  plan: (context) => {
    if (context.key !== undefined)
      return { nothingToDo: 'Summaries are made together: trigger the whole job' }
    const subjects = storedSubjects(context)
    if (subjects.length === 0) return { nothingToDo: 'No figures to summarise' }
    return subjects.toSorted(byKindAndAge(context)).map((subject) => ({
      key: summaryKey(subject.kind, subject.key),
      calls: isDescribed(subject, context)
        ? []
        : [summaryRequest({ ...subject, model: modelOf(context.job) })],
    }))
  },

  parse: ([body], context) => {
    const subject = subjectOf(context)
    if (body === undefined) return storedText(subject, context)
    const { text: answer, promptTokens, completionTokens } = parseChatAnswer(body)
    const { text = answer, fault } = summaryOf(answer, subject.facts)
    const tokens = { prompt: promptTokens, completion: completionTokens }
    return { subject, text, writtenAt: context.now, fault, tokens }
  },

  accept: ({ fault }) => (fault === undefined ? { accepted: true } : { accepted: false, message: fault }),

  item: ({ subject, text, writtenAt }, { job }) => {
    const { kind, key, facts, asOf } = subject
    const summary: StoredSummary = {
      kind,
      key,
      text,
      generated: true,
      model: modelOf(job),
      facts_as_of: isoSeconds(asOf),
      facts_hash: factsHash(facts),
    }
    return { data: asJson(summary), asOf: writtenAt, degraded: false }
  },

  totals: ({ tokens }) => ({ prompt_tokens: tokens.prompt, completion_tokens: tokens.completion }),

  summarizeRun: (run) => {
    const { message, logFields } = runSummary('refresh_ai_summaries', 'summaries')(run)
    return { message, logFields: { ...logFields, ...run.totals } }
  },

  // figures change a few times a day; in the worst case every hour
  maxCalls: (job) => {
    const calls = subjectsOf(kindsOf(job), configuredSymbols(job)).length
    return { 'ai-summaries': { retried: calls, once: 0, perDay: HOURS_A_DAY * calls } }
  },
}

type SettingsContext = Pick<PlanContext, 'job' | 'operatorData'>
type InputContext = SettingsContext & Pick<PlanContext, 'inputItems'>

function kindsOf({ settings }: Pick<Job, 'settings'>): readonly SummaryKind[] {
  return settings['AI_SUMMARY_KINDS'] as readonly SummaryKind[]
}

function configuredSymbols({ settings }: Pick<Job, 'settings'>): readonly string[] {
  return settings['PORTFOLIO_SYMBOLS'] as readonly string[]
}

/** The job is off without one. */
function modelOf({ settings }: Pick<Job, 'settings'>): string {
  return settings['AI_SUMMARY_MODEL'] as string
}

function declaredSubjects({ job, operatorData }: SettingsContext) {
  const portfolio = portfolioOf(operatorData, configuredSymbols(job))
  return subjectsOf(kindsOf(job), activeSymbols(portfolio))
}

function storedSubjects(context: InputContext): readonly StoredSubject[] {
  return declaredSubjects(context).flatMap((subject) => storedSubject(subject, context.inputItems) ?? [])
}

/** @throws {RefreshError} `defect` when the plan had facts that the parser does not have */
function subjectOf(context: ParseContext): StoredSubject {
  const subject = storedSubjects(context).find(({ kind, key }) => summaryKey(kind, key) === context.key)
  if (subject) return subject
  throw new RefreshError('defect', `expected the facts of ${context.key}, got none`)
}

/** The order of the requests; what was never summarised comes first within the symbols. */
function byKindAndAge({ storedItems }: Pick<PlanContext, 'storedItems'>) {
  const checkedAt = ({ kind, key }: StoredSubject) => storedItems.get(summaryKey(kind, key))?.checkedAt ?? 0
  const isMacro = ({ kind }: StoredSubject) => Number(kind === 'macro')
  return (a: StoredSubject, b: StoredSubject) => isMacro(b) - isMacro(a) || checkedAt(a) - checkedAt(b)
}

/**
 * Whether the stored summary describes these facts and is by this model, so that it is not requested again. An operator
 * gets a new one.
 */
function isDescribed({ kind, key, facts }: StoredSubject, { cause, job, storedItems }: PlanContext): boolean {
  const stored = storedOf(storedItems.get(summaryKey(kind, key)))
  return cause !== 'operator' && stored?.facts_hash === factsHash(facts) && stored.model === modelOf(job)
}

/** Only the job itself writes its items. */
function storedOf(item: Previous | undefined): StoredSummary | undefined {
  return item?.data as StoredSummary | undefined
}

/** The stored text, about facts that are the same. */
function storedText(subject: StoredSubject, { previous }: Pick<ParseContext, 'previous'>): Summary {
  const stored = storedOf(previous)
  if (!previous || !stored) throw new RefreshError('defect', 'expected a stored summary, got none')
  const tokens = { prompt: 0, completion: 0 }
  return { subject, text: stored.text, writtenAt: previous.asOf, tokens }
}
