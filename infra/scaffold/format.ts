import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { GeneratedFile } from './files.ts'

const LINTER = 'node_modules/@biomejs/biome/bin/biome'

/** What the linter reads beside the files. */
const CONFIGURATION = ['biome.json', 'biome.imports.json', 'package.json', '.gitignore']

/**
 * Formats files as the project's linter does, with their imports in its order. It works on copies in a temporary folder.
 *
 * @throws {Error} with the report of the linter, if a file breaks a rule that it cannot apply: a defect of a template
 */
export async function formatted(
  files: readonly GeneratedFile[],
  root: string,
): Promise<readonly GeneratedFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-new-'))
  try {
    for (const name of CONFIGURATION) await copyFile(join(root, name), join(folder, name))
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    for (const { path, text } of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    await lint(folder)
    return await Promise.all(
      files.map(async (file) => ({ ...file, text: await readFile(join(folder, file.path), 'utf8') })),
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function lint(folder: string): Promise<void> {
  const words = [
    join(folder, LINTER),
    'check',
    '--write',
    '--colors=off',
    'functions',
    'shared',
    'infra',
    'test',
  ]
  try {
    await promisify(execFile)(process.execPath, words, { cwd: folder })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { readonly stdout?: string; readonly stderr?: string }
    throw new Error(`expected generated files that the linter accepts, got\n${stdout}${stderr}`, {
      cause: error,
    })
  }
}
