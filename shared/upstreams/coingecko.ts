import { choice, SettingsError, secretName } from '#shared/declare/settings.ts'
import { defineUpstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import { classify } from './classify.ts'
import { cloudflareError } from './cloudflare.ts'
import { errorCode, members } from './error-codes.ts'
import type { ProviderFailure } from './provider-failure.ts'

/**
 * Error codes of a missing or wrong key, or a key of too small a plan.
 *
 * @see https://docs.coingecko.com/docs/common-errors-rate-limit
 */
const AUTH_CODES = [10002, 10005, 10010, 10011]

const HEADERS = { demo: 'x-cg-demo-api-key', pro: 'x-cg-pro-api-key' } as const

/** CoinGecko's public market data. The plan selects the host and the header together, so that they always match. */
export const coingecko = defineUpstream({
  name: 'coingecko',
  title: 'CoinGecko',
  settings: {
    COINGECKO_PLAN: choice(['keyless', 'demo', 'pro'], 'keyless', { about: 'plan of the CoinGecko key' }),
    COINGECKO_KEY_PARAMETER: secretName({
      about: 'SSM parameter of the CoinGecko key; required for demo and pro',
    }),
  },
  baseUrls: ({ COINGECKO_PLAN: plan }) => [
    plan === 'pro' ? 'https://pro-api.coingecko.com/api/v3' : 'https://api.coingecko.com/api/v3',
  ],
  secret: ({ COINGECKO_PLAN: plan, COINGECKO_KEY_PARAMETER: parameter }) => {
    if (plan === 'keyless') return undefined
    if (parameter !== undefined) return { parameter, header: HEADERS[plan] }
    const message = `expected the name of a secret, because COINGECKO_PLAN is ${plan}; got nothing`
    throw new SettingsError([{ name: 'COINGECKO_KEY_PARAMETER', message }])
  },
  limits: ({ COINGECKO_PLAN: plan }) =>
    plan === 'keyless'
      ? { perMinute: 5, burst: 3, concurrency: 1 }
      : {
          perMinute: 30,
          burst: 5,
          concurrency: 2,
          ...defined({ perMonth: plan === 'demo' ? 10_000 : undefined }),
        },
  attemptTimeout: '10 seconds',
  maxBytes: 256 * 1024,
  attribution: { text: 'Data provided by CoinGecko', url: 'https://www.coingecko.com' },
  classify: (answer, now) => classify(answer, { expects: 'object', marker, coolDownMs: 60_000 }, now),
})

function marker(body: unknown): ProviderFailure | undefined {
  const { status, error_code: direct } = members(body)
  const { error_code: nested } = members(status)
  const code = errorCode(direct ?? nested)
  if (code === undefined) return undefined
  const byEdge = cloudflareError(code)
  if (byEdge) return byEdge
  const message = `CoinGecko error ${code}`
  if (code === 429) return { reason: 'rate-limited', message: 'CoinGecko limits our rate' }
  if (AUTH_CODES.includes(code))
    return { reason: 'auth', message: `${message}: the key is missing, wrong or of another plan` }
  if (code === 408 || (code >= 500 && code < 600))
    return { reason: 'upstream-fault', message, scope: 'item', retryable: true }
  return { reason: 'bad-request', message, scope: 'item' }
}
