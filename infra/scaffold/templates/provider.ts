import type { Dataset } from '../dataset.ts'
import { camelCase } from '../names.ts'
import type { ErrorMember } from '../sample/envelope.ts'
import { Imports, literal, property } from './code.ts'

/** `shared/upstreams/<name>.ts`: a new provider, with the classification of errors that come under status 200. */
export function providerFile({ upstream, body, errorMember }: Dataset): string {
  const { name, title, baseUrl, maxBytes } = upstream
  const imports = new Imports()
  imports.add('#shared/declare/upstream.ts', 'defineUpstream')
  imports.add('#shared/domain/duration.ts', 'MINUTE_MS')
  imports.add('./classify.ts', 'classify')
  const marker = errorMember ? markerCode(errorMember, title, imports) : ''
  const expects = Array.isArray(body) ? 'array' : 'object'
  return `${imports.text()}

/** ${title}, at ${new URL(baseUrl).host}. */
export const ${camelCase(name)} = defineUpstream({
  name: '${name}',
  title: ${literal(title)},
  settings: {},
  baseUrls: () => [${literal(baseUrl)}],
  // Confirm: the provider's limits of a minute, a day and a month, and whether it needs a key
  limits: () => ({ perMinute: 30, burst: 5, concurrency: 2 }),
  attemptTimeout: '10 seconds',
  maxBytes: ${maxBytes / 1024} * 1024,
  // Confirm: the attribution that the terms of the provider require
  attribution: { text: ${literal(`Data by ${title}`)}, url: ${literal(new URL(baseUrl).origin)} },
  classify: (answer, now) => classify(answer, { expects: '${expects}',${errorMember ? ' marker,' : ''} coolDownMs: MINUTE_MS }, now),
})
${marker}`
}

function markerCode(member: ErrorMember, title: string, imports: Imports): string {
  imports.add('./error-codes.ts', 'members')
  imports.add('./provider-failure.ts', 'type ProviderFailure')
  const read = `const { ${property(member.name)}: value } = members(body)`
  if (member.kind === 'code') {
    imports.add('./error-codes.ts', 'errorCode')
    return `
/** The code of a success. */
const SUCCESS = ${Number(member.success)}

/**
 * Errors are JSON with another code, also under status 200.
 *
 * Confirm: which codes are a rate limit, a refused key or of one item only.
 */
function marker(body: unknown): ProviderFailure | undefined {
  ${read}
  const code = errorCode(value)
  if (code === undefined || code === SUCCESS) return undefined
  return { reason: 'upstream-fault', message: \`${title} error \${code}\`, retryable: true }
}
`
  }
  const failed = {
    flag: `value === undefined || value === true`,
    word: `value === undefined || value === ${literal(String(member.success))}`,
    detail: `value === undefined || value === null || value === false || value === '' || isEmptyList(value)`,
  }[member.kind]
  const helper =
    member.kind === 'detail'
      ? '\nfunction isEmptyList(value: unknown): boolean {\n  return Array.isArray(value) && value.length === 0\n}\n'
      : ''
  return `
/**
 * Errors are JSON whose ${member.name} is another than that of a success, also under status 200.
 *
 * Confirm: which errors are a rate limit, a refused key or of one item only.
 */
function marker(body: unknown): ProviderFailure | undefined {
  ${read}
  if (${failed}) return undefined
  return { reason: 'upstream-fault', message: '${title} reports a failure', retryable: true }
}
${helper}`
}
