import type { Route } from '#shared/declare/route.ts'

/** Name of the first parameter whose value does not match its declaration. */
export function wrongParameter(route: Route, values: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(route.parameters ?? {}).find(
    ([name, { pattern }]) => !new RegExp(`^(?:${pattern})$`, 'u').test(values[name] ?? ''),
  )?.[0]
}

/** A key's template with the values of the path in it. */
export function filled(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-z_]+)\}/g, (_, name: string) => values[name] ?? '')
}
