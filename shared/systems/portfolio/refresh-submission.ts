import type { JsonValue } from '#shared/domain/json.ts'
import { POSITION_SYMBOL } from './positions.ts'

interface Submission {
  readonly body: JsonValue | undefined
}

const MAX_SYMBOLS = 1_000

/**
 * The form of a submission that refreshes all symbols or some: `{"symbols":["IBM"],"force":true}`. Submissions of the same
 * symbols in different orders are the same work.
 *
 * @param message - of the response
 */
export function refreshSubmission(message: string) {
  return {
    parseParams: ({ body }: Submission) => {
      const { symbols = null, force = false, ...others } = (body ?? {}) as Readonly<Record<string, unknown>>
      const [other] = Object.keys(others)
      if (other !== undefined) return { error: `expected no member ${JSON.stringify(other)}` }
      if (typeof force !== 'boolean') return { error: 'force: expected true or false' }
      if (symbols === null) return { symbols, force }
      if (!isSymbolList(symbols))
        return {
          error: `symbols: expected 1 to ${MAX_SYMBOLS} symbols of capitals, digits, dots and hyphens`,
        }
      return { symbols: [...new Set(symbols)].sort(), force }
    },

    responseBody: ({ taskId }: { readonly taskId: string }) => ({
      success: true,
      message,
      run_id: taskId,
      status_url: statusUrl(taskId),
    }),

    location: statusUrl,
  }
}

function isSymbolList(symbols: unknown): symbols is readonly string[] {
  const isList = Array.isArray(symbols) && symbols.length > 0 && symbols.length <= MAX_SYMBOLS
  return isList && symbols.every((symbol) => typeof symbol === 'string' && POSITION_SYMBOL.test(symbol))
}

function statusUrl(taskId: string): string {
  return `/v1/runs/${taskId}`
}
