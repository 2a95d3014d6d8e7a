import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { findingsInNames, findingsInPath, findingsInProse } from '#infra/lint/words.ts'
import { projectCopy } from '#test/support/temporary/project-copy.ts'

const SAMPLES = 'test/support/samples'

/** Samples of other forms than that of the page, with the options of their commands. */
const DATASETS = [
  ['spot-ticker', 'flat-object.json', 'harbour', '--call=/v1/ticker?pair=BTC-USD'],
  ['coins', 'keyed-map.json', 'ledger', '--host=https://api.ledger.test/v3', '--call=/coins'],
  ['markets', 'cursor-pages.json', 'bazaar', '--call=/markets?limit=3', '--key=id'],
  ['funding', 'millisecond-strings.json', 'perpetua'],
  ['sentiment', 'error-under-200.json', 'mood', '--call=/index', '--every=5 minutes'],
] as const

/** Bundling takes 20 s of a processor; beside other tests the start takes several times as long. */
const BUSY_MS = 180_000

const JOBS = ['tickers', ...DATASETS.map(([id]) => id)]

/** The sample and the command of docs/add-a-job.md. */
async function page() {
  const text = await readFile('docs/add-a-job.md', 'utf8')
  const [, sample = ''] = /^```json\n(.*?)^```/ms.exec(text) ?? []
  const [, command = ''] = /^npx freshet (new .*)$/m.exec(text) ?? []
  const words = [...command.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
  return { sample, words }
}

/** The new files of a dataset, as the command prints them. */
function newFiles(output: string): string[] {
  const [, list = ''] = /^Files:\n((?: {2}.*\n)+)/m.exec(output) ?? []
  return list.split('\n').flatMap((line) => (line === '' || line.endsWith(')') ? [] : [line.trim()]))
}

/** Starts the system in a folder with these jobs alone. */
function startedSystem(folder: string, jobs: readonly string[]) {
  const child = spawn(process.execPath, ['infra/local/start.ts', `--only=${jobs.join(',')}`], {
    cwd: folder,
    env: { PATH: process.env['PATH'], PORT: '0' },
  })
  const closed = once(child, 'close')
  let printed = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      printed += chunk
    })
  }
  return {
    /** Waits until each job has succeeded, and returns the system's URL. */
    ready: async () => {
      const succeeded = vi.waitFor(
        () => {
          for (const id of jobs) expect(printed).toMatch(new RegExp(`${id} +succeeded`))
        },
        { timeout: BUSY_MS, interval: 50 },
      )
      const ended = closed.then(([code, signal]) =>
        Promise.reject(new Error(`expected a system that runs, got its end (${code ?? signal}): ${printed}`)),
      )
      await Promise.race([succeeded, ended])
      return /http:\S+:\d+/.exec(printed)?.[0] ?? ''
    },
    stop: async () => {
      child.kill('SIGKILL')
      await closed
    },
  }
}

describe('an author who has samples and nothing else', () => {
  let copy: string
  let system: ReturnType<typeof startedSystem>
  const output = new Map<string, string>()
  const afterwards: (() => Promise<void>)[] = []
  const node = async (...words: string[]) => {
    const env = { PATH: process.env['PATH'], TZ: 'UTC', NO_COLOR: '1' }
    const { stdout } = await promisify(execFile)(process.execPath, words, {
      cwd: copy,
      env,
      maxBuffer: 2 ** 24,
    })
    return stdout
  }

  beforeAll(async () => {
    copy = await projectCopy((clear) => afterwards.push(clear))
    const { sample, words } = await page()
    await writeFile(join(copy, 'tickers.json'), sample)
    output.set('tickers', await node('infra/cli/main.ts', ...words))
    for (const [id, file, upstream, ...options] of DATASETS) {
      const all = [
        '--from',
        `${SAMPLES}/${file}`,
        '--path',
        `/v1/${id}`,
        '--upstream',
        upstream,
        `--host=api.${upstream}.test`,
      ]
      output.set(id, await node('infra/cli/main.ts', 'new', id, ...all, ...options))
    }
    // it starts while the files are checked
    system = startedSystem(copy, JOBS)
  }, BUSY_MS)

  afterAll(async () => {
    await system?.stop()
    await Promise.all(afterwards.map((clear) => clear()))
  })

  it('reads what was inferred, the files, what to confirm and what to run', () => {
    const text = output.get('tickers') ?? ''

    expect(text).toMatch(/^Read 3 rows of a list at data, by symbol\.$/m)
    expect(text).toMatch(/^ {2}functions\/jobs\/tickers\/refresh\.ts:\d+ {2}the bounds of each field\./m)
    expect(text).toMatch(/^ {2}shared\/upstreams\/acme\.ts:\d+ {2}the provider's limits/m)
    expect(text).toContain('npm start -- --only=tickers, then GET /v1/tickers')
    expect(output.get('spot-ticker')).toMatch(
      /^Left out of the sample:\n {2}quote\.note: no value in the sample$/m,
    )
  })

  it('has code that compiles', async () => {
    const folders = JOBS.flatMap((id) => [`functions/jobs/${id}`, `test/unit/functions/jobs/${id}`])
    const include = [...folders, 'shared/upstreams', 'infra/local/simulated', 'functions/jobs/declared.ts']
    await writeFile(join(copy, 'new.json'), JSON.stringify({ extends: './tsconfig.json', include }))

    expect(await node('node_modules/typescript-native/bin/tsc', '--noEmit', '--project', 'new.json')).toBe('')
  })

  it('has code that the linter accepts as it is, in the words of the project, and no export without a use', async () => {
    const files = [...output.values()].flatMap(newFiles)
    const registries = [
      'functions/jobs/index.ts',
      'shared/upstreams/index.ts',
      'infra/local/simulated/index.ts',
    ]
    await copyFile('knip.json', join(copy, 'knip.json'))

    const [report, unused] = await Promise.all([
      node('node_modules/@biomejs/biome/bin/biome', 'check', ...files, ...registries),
      node('node_modules/knip/bin/knip.js', '--no-exit-code', '--reporter', 'json'),
    ])

    expect(report).toMatch(/^Checked \d+ files .* No fixes applied\.\n$/)
    expect(JSON.parse(unused).issues.filter(({ file }: { file: string }) => files.includes(file))).toEqual([])
    for (const file of files.filter((each) => each.endsWith('.ts'))) {
      const text = await readFile(join(copy, file), 'utf8')
      expect([
        ...findingsInPath(file),
        ...findingsInNames(file, text),
        ...findingsInProse(file, text),
      ]).toEqual([])
    }
  })

  it('has tests that pass', async () => {
    const files = JOBS.map((id) => `test/unit/functions/jobs/${id}/refresh.test.ts`)

    const report = await node('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', ...files)

    expect(report).toMatch(/Test Files +6 passed/)
  })

  it('has a plan without findings', async () => {
    const plan = await node('infra/plan/plan.ts')

    for (const id of JOBS) expect(plan).toMatch(new RegExp(`^${id} +cron`, 'm'))
    expect(plan).toContain('No findings.')
  })

  it(
    'reads all of them from the running system without a line by hand, in the form of their schemas',
    async () => {
      const url = await system.ready()

      for (const id of JOBS) {
        const response = await fetch(`${url}/v1/${id}`)
        const { schemas } = await import(pathToFileURL(join(copy, `functions/jobs/${id}/schema.ts`)).href)

        expect([id, response.status, response.headers.get('x-data-source')]).toEqual([id, 200, 'simulated'])
        expect(schemas[`/v1/${id}`].safeParse(await response.json())).toMatchObject({ success: true })
      }
      const entry = await fetch(`${url}/v1/tickers/ETHUSD`)
      expect(await entry.json()).toMatchObject({ data: { symbol: 'ETHUSD', title: 'Ether (staked)' } })
    },
    BUSY_MS,
  )
})
