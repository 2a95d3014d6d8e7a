import { RefreshError } from '#shared/domain/errors.ts'
import { excerpt } from '#shared/domain/redaction.ts'

/** Turns whatever the table throws into a `store` failure of the key. */
export async function storeCall<T>(operation: Promise<T>): Promise<T> {
  try {
    return await operation
  } catch (error) {
    if (error instanceof RefreshError) throw error
    const what = error instanceof Error ? `${error.name}: ${excerpt(error.message)}` : typeof error
    throw new RefreshError('store', `the table did not take it: ${what}`, { cause: error })
  }
}
