import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleAndRecord, bundleOrReuse } from '#infra/bundle/reuse.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const HANDLER = 'functions/one/handler.ts'
const BUNDLE = 'dist/functions/one/index.cjs'

/** A project with one function. */
async function project() {
  const root = await temporaryDirectory()
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(root, path)), { recursive: true })
    await writeFile(join(root, path), text)
  }
  const bundle = async () => {
    const { functions } = await bundleOrReuse(root)
    return { functions, text: await readFile(join(root, BUNDLE), 'utf8') }
  }
  const writtenAt = async () => (await stat(join(root, BUNDLE), { bigint: true })).mtimeNs
  await write(HANDLER, "import { name } from '../../shared/name.ts'\nexport const handler = () => name")
  await write('shared/name.ts', "export const name = 'first'")
  return { root, write, bundle, writtenAt }
}

test('bundles are reused while nothing has changed', async () => {
  const { root, bundle, writtenAt } = await project()

  const built = await bundle()
  const before = await writtenAt()
  const reused = await bundle()

  expect(built.text).toContain('first')
  expect(Object.keys(reused.functions)).toEqual(['one'])
  expect(reused.functions).toEqual(built.functions)
  expect(reused.functions['one']?.file).toBe(join(root, BUNDLE))
  expect(await writtenAt()).toBe(before)
})

test('a synthesis, which always builds, leaves bundles that a start reuses', async () => {
  const { root, bundle, writtenAt } = await project()
  await bundle()
  const before = await writtenAt()

  const synthesized = await bundleAndRecord(root)
  const afterwards = await writtenAt()
  const reused = await bundle()

  expect(afterwards).toBeGreaterThan(before)
  expect(reused.functions).toEqual(synthesized.functions)
  expect(await writtenAt()).toBe(afterwards)
})

test.each([
  ['a source', 'shared/name.ts', "export const name = 'second'", 'second'],
  ['a setting of the bundler', 'infra/bundle/plugins.ts', '// changed', 'first'],
  ['the lock file', 'package-lock.json', '{}', 'first'],
  ['a bundle', BUNDLE, 'damaged', 'first'],
  ['a map', `${BUNDLE}.map`, 'damaged', 'first'],
  ['the list of bundles', 'dist/meta/build.json', '{"sources":', 'first'],
])('a change of %s makes them new', async (_, path, text, expected) => {
  const { write, bundle, writtenAt } = await project()
  await bundle()
  const before = await writtenAt()

  await write(path, text)
  const again = await bundle()

  expect(again.text).toContain(expected)
  expect(again.text).not.toContain('damaged')
  expect(await writtenAt()).toBeGreaterThan(before)
})

test('a function that was added, and one whose bundle was removed, are built', async () => {
  const { root, write, bundle } = await project()
  await bundle()

  await write('functions/two/handler.ts', "export const handler = () => 'two'")
  await rm(join(root, BUNDLE))
  const { functions, text } = await bundle()

  expect(Object.keys(functions)).toEqual(['one', 'two'])
  expect(text).toContain('first')
})
