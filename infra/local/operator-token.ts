import { randomBytes } from 'node:crypto'
import { chmod, readFile, rename, writeFile } from 'node:fs/promises'
import { StartError } from './start-error.ts'

const TOKEN_BYTES = 32
const TOKEN_PATTERN = /^[\w-]{43}$/

/**
 * The operator's token of this machine, made once and kept in a file that only its owner may read.
 *
 * @throws {StartError} when the file holds anything else; never with what it holds
 */
export async function operatorToken(file: string): Promise<string> {
  const kept = await readText(file)
  if (kept === undefined) return createToken(file)
  if (!TOKEN_PATTERN.test(kept)) {
    throw new StartError([
      `${file}: expected an operator's token of ${TOKEN_BYTES} bytes in base64url, got something else; delete it to have a new one made`,
    ])
  }
  await chmod(file, 0o600)
  return kept
}

/** Written beside and put in place, so that no crash leaves half a token. */
async function createToken(file: string): Promise<string> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  await writeFile(`${file}.new`, `${token}\n`, { mode: 0o600 })
  await rename(`${file}.new`, file)
  return token
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
