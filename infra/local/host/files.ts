import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The `code` of a system error such as `ENOENT`; `undefined` for any other value. */
export function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

/** The text of a file; `undefined` when there is no such file. @throws any other error of the file system */
export async function readIfExists(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Writes `<file>.new` and renames it, so that a crash never leaves half a file. */
export async function writeAtomically(file: string, text: string, mode = 0o666): Promise<void> {
  await writeFile(`${file}.new`, text, { mode })
  await rename(`${file}.new`, file)
}

/**
 * Creates a directory and its missing parents, one level at a time. `mkdir` with `recursive` never returns where the
 * file system answers ENOENT below an existing parent, as `/proc` does.
 *
 * @throws the error of the first level that cannot be created
 */
export async function createDirectory(path: string): Promise<void> {
  if ((await tryCreate(path)) !== 'no-parent') return
  await createDirectory(dirname(path))
  await mkdir(path).catch((error: unknown) => {
    if (errorCode(error) !== 'EEXIST') throw error
  })
}

async function tryCreate(path: string): Promise<'exists' | 'no-parent'> {
  try {
    await mkdir(path)
    return 'exists'
  } catch (error) {
    const code = errorCode(error)
    if (code === 'EEXIST' || code === 'EISDIR') return 'exists'
    if (code === 'ENOENT' && dirname(path) !== path) return 'no-parent'
    throw error
  }
}

/** A text as a JSON object; `undefined` for anything else. The parser's message would quote the text. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
