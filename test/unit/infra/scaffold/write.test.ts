import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { GeneratedFile } from '#infra/scaffold/files.ts'
import { confirmations } from '#infra/scaffold/files.ts'
import { writeFiles } from '#infra/scaffold/write.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const created = (path: string): GeneratedFile => ({ path, text: 'new\n', isNew: true })
const changed = (path: string): GeneratedFile => ({ path, text: 'changed\n', isNew: false })

async function project(): Promise<string> {
  const root = await temporaryDirectory()
  await mkdir(join(root, 'jobs'))
  await writeFile(join(root, 'jobs/index.ts'), 'old\n')
  return root
}

const treeOf = async (root: string) => (await readdir(root, { recursive: true })).sort()

test('all files are written, and the registries changed', async () => {
  const root = await project()

  await writeFiles(
    [created('jobs/prices/job.ts'), created('test/prices/a.ts'), changed('jobs/index.ts')],
    root,
  )

  expect(await treeOf(root)).toEqual([
    'jobs',
    'jobs/index.ts',
    'jobs/prices',
    'jobs/prices/job.ts',
    'test',
    'test/prices',
    'test/prices/a.ts',
  ])
  expect(await readFile(join(root, 'jobs/index.ts'), 'utf8')).toBe('changed\n')
})

test('a file that exists is never overwritten, and no other is written', async () => {
  const root = await project()
  await mkdir(join(root, 'jobs/prices'))
  await writeFile(join(root, 'jobs/prices/schema.ts'), 'mine\n')

  const written = writeFiles(
    [created('jobs/prices/job.ts'), created('jobs/prices/schema.ts'), changed('jobs/index.ts')],
    root,
  )

  await expect(written).rejects.toThrow(
    'jobs/prices/schema.ts: expected no such file, got one; no file was written',
  )
  expect(await treeOf(root)).toEqual(['jobs', 'jobs/index.ts', 'jobs/prices', 'jobs/prices/schema.ts'])
  expect(await readFile(join(root, 'jobs/prices/schema.ts'), 'utf8')).toBe('mine\n')
})

test('after a failure nothing is left behind: new folders are gone, registries are as before', async () => {
  const root = await project()
  const files = [created('jobs/prices/job.ts'), changed('jobs/index.ts'), changed('absent/index.ts')]

  await expect(writeFiles(files, root)).rejects.toThrow(/ENOENT/)

  expect(await treeOf(root)).toEqual(['jobs', 'jobs/index.ts'])
  expect(await readFile(join(root, 'jobs/index.ts'), 'utf8')).toBe('old\n')
})

test('what to confirm has its file, its line and all of its sentence', () => {
  const text = `/**\n * Confirm: the bounds\n * of each field.\n */\nconst A = 1\n\n/** Confirm: the pages. */\n  // Confirm: the path\n  const B = 2\n`

  expect(confirmations([{ path: 'a.ts', text, isNew: true }])).toEqual([
    'a.ts:2  the bounds of each field.',
    'a.ts:7  the pages.',
    'a.ts:8  the path',
  ])
})
