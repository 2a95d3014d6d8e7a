import { cp, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type OnCleanup, onTestCleanup } from './at-end.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PARTS = [
  'functions',
  'shared',
  'infra',
  'test',
  'docs',
  'package.json',
  'tsconfig.json',
  'cdk.json',
  'biome.json',
  '.gitignore',
  'vitest.config.ts',
]

/** A copy of this project that a test may add to; its packages are ours. Absolute path. */
export async function projectCopy(atEnd: OnCleanup = onTestCleanup): Promise<string> {
  const copy = await temporaryDirectory(atEnd)
  for (const part of PARTS) await cp(join(ROOT, part), join(copy, part), { recursive: true })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  return copy
}
