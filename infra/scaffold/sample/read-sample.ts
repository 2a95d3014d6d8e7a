import { readFile } from 'node:fs/promises'
import { send } from '#infra/command/client.ts'
import { UsageError } from '#infra/command/report-user-errors.ts'
import { parseJson } from '#shared/domain/json.ts'
import { errorMessage } from '#shared/domain/text.ts'

/** An answer of a provider. */
export interface Sample {
  readonly text: string
  /** Numbers that a double cannot represent are `ExactNumber`. */
  readonly body: unknown
  /** Where it was fetched; absent for a file. */
  readonly url: URL | undefined
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Reads a sample.
 *
 * @param from - a file, or a URL that is fetched once: https, or http on this machine
 * @throws {UsageError} for a file that cannot be read, a URL that does not answer with 200, and text that is no JSON
 */
export async function readSample(from: string): Promise<Sample> {
  const url = /^https?:\/\//.test(from) ? URL.parse(from) : undefined
  if (url === null) throw new UsageError(`--from: expected a file or a URL, got ${JSON.stringify(from)}`)
  const text = url ? await fetchedText(url) : await fileText(from)
  try {
    return { text, body: parseJson(text), url }
  } catch (error) {
    throw new UsageError(`--from: expected JSON in ${from}, got something else: ${errorMessage(error)}`, {
      cause: error,
    })
  }
}

async function fileText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--from: expected a file that can be read, got ${path}: ${errorMessage(error)}`, {
      cause: error,
    })
  }
}

async function fetchedText(url: URL): Promise<string> {
  if (url.protocol !== 'https:' && !LOOPBACK.includes(url.hostname))
    throw new UsageError(`--from: expected an https URL, got ${url.href}`)
  let response: Awaited<ReturnType<typeof send>>
  try {
    response = await send(url, { headers: { accept: 'application/json' } })
  } catch (error) {
    throw new UsageError(`--from: expected an answer of ${url.host}, got ${errorMessage(error)}`, {
      cause: error,
    })
  }
  if (response.status !== 200)
    throw new UsageError(`--from: expected status 200 of ${url.host}, got ${response.status}`)
  return response.body.toString('utf8')
}
