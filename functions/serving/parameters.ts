import type { Parameter } from '#shared/declare/route.ts'

/** What to tell a reader of the first value that has not its declared form; one that is absent is in order. */
export function invalidParameter(
  declared: Readonly<Record<string, Parameter>> = {},
  given: Readonly<Record<string, string | undefined>>,
): string | undefined {
  for (const [name, { pattern, invalidMessage }] of Object.entries(declared)) {
    const value = given[name]
    const isWrong = value !== undefined && !new RegExp(`^(?:${pattern})$`, 'u').test(value)
    if (isWrong) return invalidMessage ?? `invalid ${name}`
  }
  return undefined
}

/** A key's template with the values of the path in it. */
export function fillTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
}
