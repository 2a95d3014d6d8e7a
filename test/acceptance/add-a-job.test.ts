import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { listenHttp } from '#test/support/http/sockets.ts'
import { projectCopy } from '#test/support/temporary/project-copy.ts'

const ROOT = process.cwd()
const REGISTRY = 'functions/jobs/index.ts'
const TEST = 'test/unit/functions/jobs/bitcoin-price/refresh.test.ts'
const PATH = '/api/v1/bitcoin-price'

/** The files that the page tells an author to write, by path. */
async function filesOfPage(): Promise<ReadonlyMap<string, string>> {
  const page = await readFile(join(ROOT, 'docs/add-a-job.md'), 'utf8')
  const sections = page.matchAll(/^## \d\. .*?`([\w/.-]+)`\n(?:.*?)^```ts\n(.*?)^```/gms)
  return new Map([...sections].map(([, path = '', text = '']) => [path, text]))
}

describe('an author who follows docs/add-a-job.md and nothing else', () => {
  let copy: string
  const afterwards: (() => Promise<void>)[] = []
  const node = async (...words: string[]) => {
    const options = {
      cwd: copy,
      env: { PATH: process.env['PATH'], TZ: 'UTC', NO_COLOR: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' },
    }
    const { stdout } = await promisify(execFile)(process.execPath, words, { ...options, maxBuffer: 2 ** 24 })
    return stdout
  }

  beforeAll(async () => {
    copy = await projectCopy((clear) => afterwards.push(clear))
    const files = await filesOfPage()
    for (const [path, text] of files) {
      if (path === REGISTRY) {
        await appendFile(join(copy, path), text)
        continue
      }
      await mkdir(dirname(join(copy, path)), { recursive: true })
      await writeFile(join(copy, path), text)
    }
  })

  afterAll(() => Promise.all(afterwards.map((clear) => clear())))

  it('writes one folder of four files, one line of the registry and a test', async () => {
    const files = await filesOfPage()

    const folder = ['job', 'refresh', 'schema', 'handler'].map(
      (name) => `functions/jobs/bitcoin-price/${name}.ts`,
    )
    expect([...files.keys()]).toEqual([...folder, REGISTRY, TEST])
    expect(files.get(REGISTRY)?.trim().split('\n')).toHaveLength(1)
  })

  it('has code that the linter likes as it is', async () => {
    const report = await node(
      'node_modules/@biomejs/biome/bin/biome',
      'check',
      'functions/jobs',
      'test/unit/functions/jobs',
    )

    expect(report).toMatch(/^Checked \d+ files .* No fixes applied\.$/m)
  })

  it('has code that compiles', async () => {
    expect(await node('node_modules/typescript-native/bin/tsc', '--noEmit')).toBe('')
  })

  it('is in the plan', async () => {
    const plan = await node('infra/plan/plan.ts')

    expect(plan).toMatch(/^bitcoin-price +cron\(2\/15 \* \* \* \? \*\) +UTC +96 to 192/m)
    expect(plan).toContain('next of bitcoin-price')
    expect(plan).toContain('No findings.')
  })

  it('is complete in the synthesized template', async () => {
    await node('node_modules/aws-cdk/bin/cdk', 'synth', '--quiet', '--output', 'out')

    const template = JSON.parse(await readFile(join(copy, 'out/Freshet-dev.template.json'), 'utf8'))
    const all: { Type: string; Properties: Record<string, unknown> }[] = Object.values(template.Resources)
    const of = (type: string, text: string) =>
      all.filter(({ Type, Properties }) => Type === type && JSON.stringify(Properties).includes(text))
    expect(of('AWS::Scheduler::Schedule', 'bitcoin-price')).toHaveLength(1)
    expect(of('AWS::Lambda::Function', 'Refreshes: Bitcoin price')).toHaveLength(1)
    expect(of('AWS::IAM::Policy', 'job#bitcoin-price#')).not.toEqual([])
    // it shares the alarms of its priority
    expect(of('AWS::CloudWatch::Alarm', 'bitcoin-price')).toEqual([])
    expect(of('AWS::CloudWatch::Alarm', '-dev-p1-')).toHaveLength(2)
    expect(of('AWS::CloudWatch::Dashboard', 'bitcoin-price')).toHaveLength(1)
    expect(of('AWS::Events::Rule', 'bitcoin-price')).toHaveLength(1)
    expect(of('AWS::ApiGatewayV2::Route', `GET ${PATH}`)).toHaveLength(1)
  })

  it('has a test that passes', async () => {
    const report = await node('node_modules/vitest/vitest.mjs', 'run', '--project', 'unit', TEST)

    expect(report).toMatch(/Tests +2 passed/)
  })

  it('is in the tests of every job', async () => {
    const report = await node(
      'node_modules/vitest/vitest.mjs',
      'run',
      '--project',
      'infra',
      'test/infra/checks/every-job.test.ts',
      '--reporter',
      'verbose',
    )

    expect(report).toContain('the job bitcoin-price')
    expect(report).not.toMatch(/failed/)
  })

  it('reads it from the running system', async () => {
    const at = Math.floor(Date.now() / 1_000)
    const upstream = await listenHttp((request, response) => {
      const isBitcoin = request.url?.startsWith('/simple/price?ids=bitcoin')
      response
        .writeHead(isBitcoin ? 200 : 404, { 'content-type': 'application/json' })
        .end(JSON.stringify(isBitcoin ? { bitcoin: { usd: 91_234.5, last_updated_at: at } } : {}))
    })
    const child = spawn(process.execPath, ['infra/local/start.ts', '--only=bitcoin-price'], {
      cwd: copy,
      env: { PATH: process.env['PATH'], PORT: '0', FRESHET_UPSTREAM_COINGECKO_URL: upstream },
    })
    let printed = ''
    child.stdout.on('data', (chunk) => {
      printed += chunk
    })
    onTestFinished(async () => {
      child.kill('SIGKILL')
      await once(child, 'close')
    })

    const url = await vi.waitFor(
      () => {
        expect(printed).toMatch(/bitcoin-price +succeeded/)
        return /http:\S+:\d+/.exec(printed)?.[0] ?? ''
      },
      { timeout: 40_000, interval: 50 },
    )
    const response = await fetch(`${url}${PATH}`)

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({
      data: { usd: '91234.5' },
      meta: {
        as_of: new Date(at * 1_000).toISOString().replace('.000', ''),
        fetched_at: expect.stringMatching(/Z$/),
        degraded: false,
      },
    })
    expect(printed).toContain(`${url}${PATH}`)
  })
})
