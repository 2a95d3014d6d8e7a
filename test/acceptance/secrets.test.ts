import { readdir, readFile, writeFile } from 'node:fs/promises'
import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startAndWait } from '#test/support/process/local-process.ts'
import { scriptedUpstream } from '#test/support/process/scripted-upstream.ts'
import { temporaryDirectory } from '#test/support/temporary/cleanup.ts'

const CANARY = 'CG-canary-4711-9ZqX'

/** A key that an upstream says back in every way it can. */
function echo(status: number, type: string, wrap: (key: string) => string): RequestListener {
  return (request, response) => {
    const key = String(request.headers['x-cg-demo-api-key'])
    response.writeHead(status, { 'content-type': type, 'x-your-key': key }).end(wrap(key))
  }
}

const ECHOES = [
  {
    title: 'a 500',
    script: echo(500, 'text/plain', (key) => `no luck with ${key}, x-cg-demo-api-key: ${key}`),
    reason: 'upstream-fault',
  },
  {
    title: 'HTML under 200',
    script: echo(200, 'text/html', (key) => `<a href="/?x_cg_demo_api_key=${key}">${key}</a> for ${key}`),
    reason: 'malformed',
  },
  {
    title: 'JSON of another shape',
    script: echo(200, 'application/json', (key) => JSON.stringify({ data: { updated_at: key, [key]: key } })),
    reason: 'malformed',
  },
]

describe.concurrent('a key', () => {
  test.for(ECHOES)(
    'is sent to the provider and stored nowhere, also when it comes back in $title (F48)',
    async ({ script, reason }, { onTestFinished: atEnd }) => {
      const data = await temporaryDirectory(atEnd)
      const upstream = await scriptedUpstream(atEnd)
      upstream.respondWith(script)
      const settings = {
        FRESHET_DATA: data,
        ...upstream.setting,
        COINGECKO_PLAN: 'demo',
        COINGECKO_KEY_PARAMETER: '/keys/coingecko',
        GLOBAL_STATS_MAX_RETRIES: '1',
      }
      await writeFile(join(data, 'freshet.json'), '{"format":1}')
      await writeFile(join(data, 'secrets.json'), JSON.stringify({ '/keys/coingecko': CANARY }))

      const system = await startAndWait(settings, atEnd)
      await system.waitForLine(new RegExp(`global-market {2}failed \\(${reason}\\)`))
      const health = await system.request('/health')
      system.child.kill('SIGTERM')
      const ended = await system.ended

      expect(ended).toBe(0)
      expect(upstream.calls.map((headers) => headers['x-cg-demo-api-key'])).toEqual([CANARY])
      const files = await textsUnder(data)
      expect(Object.keys(files)).toEqual(expect.arrayContaining(['log.jsonl', 'secrets.json']))
      const tableText = Object.entries(files).filter(([name]) => name.startsWith('simulated'))
      expect(tableText.some(([, text]) => text.includes('[redacted]'))).toBe(true)
      const outputs = { ...files, printed: system.printed(), health: health.body.toString() }
      const holding = Object.entries(outputs).filter(([, text]) => text.includes('canary'))
      expect(holding.map(([name]) => name)).toEqual(['secrets.json'])
    },
  )
})

/** Every file under a directory, read as text. */
async function textsUnder(path: string): Promise<Record<string, string>> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const files = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
  const texts = await Promise.all(
    files.map(async (file) => [file.slice(path.length + 1), await readFile(file, 'latin1')] as const),
  )
  return Object.fromEntries(texts)
}
