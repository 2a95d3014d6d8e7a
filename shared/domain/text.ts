/** Maximum length of a printed value, in UTF-16 units. */
const MAX_SHOWN_LENGTH = 100

/** A value as error messages print it: JSON, at most 100 characters; `nothing` for `undefined`. */
export function shown(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, MAX_SHOWN_LENGTH)
}

/** The message of a thrown value. */
export function errorMessage(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
