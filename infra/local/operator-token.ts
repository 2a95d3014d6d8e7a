import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { StartError } from './start-error.ts'

const BYTES = 32
const TOKEN = /^[\w-]{43}$/

/**
 * The operator's token of this machine, made once and kept in a file that only its owner may read.
 *
 * @throws {StartError} when the file holds anything else; never with what it holds
 */
export async function operatorToken(file: string): Promise<string> {
  const kept = await textOf(file)
  if (kept === undefined) return made(file)
  if (!TOKEN.test(kept)) {
    throw new StartError([
      `${file}: expected an operator's token of ${BYTES} bytes in base64url, got something else; delete it to have a new one made`,
    ])
  }
  await chmod(file, 0o600)
  return kept
}

/** Written beside and put in place, so that no crash leaves half a token. */
async function made(file: string): Promise<string> {
  const token = randomBytes(BYTES).toString('base64url')
  await writeFile(`${file}.new`, `${token}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return token
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
