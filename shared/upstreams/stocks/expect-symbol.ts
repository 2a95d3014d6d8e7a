import { shown } from '#shared/domain/text.ts'

/**
 * Compares the symbol of an answer with that of the question, ignoring case.
 *
 * @throws {TypeError} when they differ
 */
export function expectSymbol(requested: string, answered: string): void {
  if (answered.toUpperCase() !== requested.toUpperCase())
    throw new TypeError(`expected an answer about ${shown(requested)}, got one about ${shown(answered)}`)
}
