import { RefreshError } from '#shared/domain/errors.ts'
import { excerpt } from '#shared/domain/redaction.ts'

/** Converts an error of the table to a `store` failure of the key. */
export async function storeCall<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof RefreshError) throw error
    const cause = error instanceof Error ? `${error.name}: ${excerpt(error.message)}` : typeof error
    throw new RefreshError('store', `a request to the table failed: ${cause}`, { cause: error })
  }
}
