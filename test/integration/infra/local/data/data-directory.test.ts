import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { openDataDirectory } from '#infra/local/data/data-directory.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const MODULE = pathToFileURL('infra/local/data/data-directory.ts').href

/** Another process that takes a data directory and keeps it. */
async function holder(path: string) {
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(MODULE)})
    await openDataDirectory(${JSON.stringify(path)}, 'simulated')
    console.log('open')
    setInterval(() => {}, 1_000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const kill = async () => {
    child.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  const [output] = await once(child.stdout, 'data')
  expect(String(output)).toBe('open\n')
  return { kill }
}

test('a new directory is created and marked, and can be claimed again after its release', async () => {
  const path = join(await temporaryDirectory(), 'not', 'yet')

  const first = await openDataDirectory(path, 'simulated')
  await first.close()
  const second = await openDataDirectory(path, 'simulated')
  await second.close()

  expect(JSON.parse(await readFile(join(path, 'freshet.json'), 'utf8'))).toEqual({ format: 1 })
  expect(second).toMatchObject({ path, table: join(path, 'simulated'), log: join(path, 'log.jsonl') })
})

test('a second process is refused with one line with what to do', async () => {
  const path = await temporaryDirectory()
  await holder(path)

  const second = openDataDirectory(path, 'simulated')

  await expect(second).rejects.toMatchObject({
    name: 'StartError',
    lines: [`${path} is in use by another process; end that one, or choose another FRESHET_DATA`],
  })
})

test('a killed process leaves a directory that can be claimed', async () => {
  const path = await temporaryDirectory()
  const { kill } = await holder(path)
  await kill()

  const data = await openDataDirectory(path, 'simulated')
  await data.close()

  expect(data.path).toBe(path)
})

test('a process that was killed before it wrote the marker leaves a directory that can be claimed', async () => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'freshet.json.new'), '{"for')

  const data = await openDataDirectory(path, 'simulated')
  await data.close()

  expect(JSON.parse(await readFile(join(path, 'freshet.json'), 'utf8'))).toEqual({ format: 1 })
})

test.each([
  ['CURRENT is garbage', (files: string[]) => files.find((file) => file === 'CURRENT')],
  ['the manifest is cut', (files: string[]) => files.find((file) => file.startsWith('MANIFEST'))],
])('a damaged table is refused and left as it is: %s', async (_title, pick) => {
  const path = await temporaryDirectory()
  await (await openDataDirectory(path, 'simulated')).close()
  const damaged = join(path, 'simulated', pick(await readdir(join(path, 'simulated'))) ?? '')
  await writeFile(damaged, 'garbage')

  const opened = openDataDirectory(path, 'simulated')

  await expect(opened).rejects.toMatchObject({
    name: 'StartError',
    lines: [
      expect.stringMatching(
        /is damaged \(.+\); choose another FRESHET_DATA, or delete it to start with an empty one$/,
      ),
    ],
  })
  expect(await readFile(damaged, 'utf8')).toBe('garbage')
  await writeFile(join(path, 'simulated', 'CURRENT'), 'garbage')
  await expect(openDataDirectory(path, 'simulated'), 'the lock is given back').rejects.toThrow('is damaged')
})

test('simulated and live data have separate tables', async () => {
  const path = await temporaryDirectory()

  const simulated = await openDataDirectory(path, 'simulated')
  await simulated.close()
  const live = await openDataDirectory(path, 'live')
  await live.close()

  expect([simulated.table, live.table]).toEqual([join(path, 'simulated'), join(path, 'live')])
})

test('a directory with foreign content is refused and left as it is', async () => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'thesis.txt'), 'years of work')

  const opened = openDataDirectory(path, 'simulated')

  await expect(opened).rejects.toMatchObject({
    name: 'StartError',
    lines: [expect.stringContaining("is not empty and not Freshet's; choose another FRESHET_DATA")],
  })
  expect(await readdir(path)).toEqual(['thesis.txt'])
})

test.each([
  ['{"format":2}', 'got format 2'],
  ['{"format":', 'got something unreadable'],
  ['null', 'got something unreadable'],
])('a marker of an unknown format is refused: %s', async (marker, got) => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'freshet.json'), marker)

  const opened = openDataDirectory(path, 'simulated')

  await expect(opened).rejects.toThrow(`expected format 1, ${got}; choose another FRESHET_DATA`)
})

test('a path where no directory can be created is refused at once', async () => {
  // `mkdir` with `recursive` never returns below /proc
  const opened = openDataDirectory('/proc/freshet/data', 'simulated')

  await expect(opened).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(
      /^cannot use \/proc\/freshet\/data for data: .+; choose another FRESHET_DATA$/,
    ),
  })
})

test('missing parents of the data directory are created', async () => {
  const path = join(await temporaryDirectory(), 'a', 'b', 'c')

  const data = await openDataDirectory(path, 'simulated')
  await data.close()

  expect(await readdir(path)).toContain('freshet.json')
})

test('a file in place of a directory is refused', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, '')

  const opened = openDataDirectory(path, 'simulated')

  await expect(opened).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining(`cannot use ${path} for data`),
  })
})

test('a directory that only holds an empty folder of another kind does not count as new', async () => {
  const path = await temporaryDirectory()
  await mkdir(join(path, 'lock'))

  const opened = openDataDirectory(path, 'simulated')

  await expect(opened).rejects.toThrow("not Freshet's")
})
