import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UsageError } from '#infra/command/report-user-errors.ts'
import type { GeneratedFile } from './files.ts'

/**
 * Writes all files or none: a new file that exists is an error, and after a failure what was written is removed, and what was
 * changed restored.
 *
 * @throws {UsageError} naming the file that exists
 */
export async function writeFiles(files: readonly GeneratedFile[], root: string): Promise<void> {
  await expectAbsent(files, root)
  const undo: (() => Promise<void>)[] = []
  try {
    for (const { path, text, isNew } of files) {
      const file = join(root, path)
      if (isNew) {
        undo.push(...(await createdFolders(dirname(file))))
        await writeFile(file, text, { flag: 'wx' })
        undo.push(() => rm(file))
      } else {
        const former = await readFile(file, 'utf8')
        await replaceFile(file, text)
        undo.push(() => replaceFile(file, former))
      }
    }
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

/** @throws {UsageError} for the first new file that exists */
export async function expectAbsent(files: readonly GeneratedFile[], root: string): Promise<void> {
  for (const { path, isNew } of files) {
    if (isNew && (await exists(join(root, path))))
      throw new UsageError(`${path}: expected no such file, got one; no file was written`)
  }
}

/** Creates a folder with those above it; returns what removes the new ones. */
async function createdFolders(folder: string): Promise<(() => Promise<void>)[]> {
  const first = await mkdir(folder, { recursive: true })
  return first === undefined ? [] : [() => rm(first, { recursive: true })]
}

/** A reader sees the former text or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
