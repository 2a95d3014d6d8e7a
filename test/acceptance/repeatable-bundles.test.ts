import { copyFile, cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleFunctions } from '#infra/bundle/bundle.ts'
import { bundleOrReuse } from '#infra/bundle/reuse.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const ROOT = process.cwd()
const UI = 'dist/functions/reads/ui'

test('the same sources give the same bytes and maps in another directory', async () => {
  const { functions: here } = await bundleOrReuse()
  const elsewhere = join(await temporaryDirectory(), 'some', 'other', 'depth')
  await copySources(elsewhere)

  const { functions: there } = await bundleFunctions({ root: elsewhere })

  expect(Object.keys(there)).toEqual(Object.keys(here))
  // their names have a hash of their contents
  expect(await readdir(join(elsewhere, UI))).toEqual(await readdir(join(ROOT, UI)))
  for (const [name, { file }] of Object.entries(here)) {
    const copy = there[name]?.file ?? ''
    expect(copy.startsWith(elsewhere)).toBe(true)
    expect((await readFile(copy)).equals(await readFile(file)), name).toBe(true)
    expect((await readFile(`${copy}.map`)).equals(await readFile(`${file}.map`)), `${name}, map`).toBe(true)
  }
})

/** The page and its packages, of which the metafile has nothing. */
const PAGE = [
  'functions/page',
  'shared/client',
  ...['preact', '@preact', 'uplot', '@picocss/pico'].map((name) => `node_modules/${name}`),
]

/** Copies the page, every module that was looked at, and the descriptions of their packages, to the same places under a root. */
async function copySources(target: string): Promise<void> {
  for (const part of PAGE) await cp(join(ROOT, part), join(target, part), { recursive: true })
  const metafile = JSON.parse(await readFile(join(ROOT, 'dist/meta/metafile.json'), 'utf8'))
  const inputs = Object.keys(metafile.inputs)
  const packages = new Set(inputs.flatMap(packageFiles))
  for (const file of [...inputs, ...packages, 'tsconfig.json']) {
    const to = join(target, file)
    await mkdir(dirname(to), { recursive: true })
    await copyFile(join(ROOT, file), to).catch((error) => {
      if (!packages.has(file) || error.code !== 'ENOENT') throw error
    })
  }
}

/** Where the `package.json` of each folder above a file would be. */
function packageFiles(file: string): string[] {
  const parts = dirname(file).split('/')
  return ['package.json', ...parts.map((_, index) => `${parts.slice(0, index + 1).join('/')}/package.json`)]
}
