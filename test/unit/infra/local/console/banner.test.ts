import { expect, test } from 'vitest'
import { jobs as declared } from '#functions/jobs/declared.ts'
import { banner } from '#infra/local/console/banner.ts'
import { resolveJob } from '#shared/declare/job.ts'
import { routeTable } from '#shared/http/routes.ts'

const jobs = declared.map((job) => resolveJob(job, {}))

const upstream = (name: string, text: string) => ({
  name,
  title: name,
  attribution: { text, url: 'https://example.org' },
  baseUrls: [new URL('https://api.example.org')],
})

const offUpstream = { ...upstream('charts', 'Prices by Another'), off: 'CHARTS_TERMS_ACCEPTED is false' }

function bannerLines(simulated: readonly string[] = []): string[] {
  return banner({
    version: '1.0.0',
    url: 'http://127.0.0.1:8787',
    data: '/data',
    token: 'token',
    routes: routeTable(jobs),
    jobs,
    upstreams: [upstream('spot', 'Data by Example'), upstream('futures', 'Data by Example'), offUpstream],
    simulated,
    chaos: undefined,
    notes: [],
    next: () => undefined,
  })
}

test('a path that only takes POST is printed with its method, one that takes GET as a plain URL', () => {
  const publicRows = routeTable(jobs).filter(({ access }) => access === 'public')
  const posts = publicRows.filter(({ methods }) => !methods.includes('GET'))

  const lines = bannerLines()

  expect(posts.length).toBeGreaterThan(0)
  for (const { path } of posts) expect(lines).toContain(`  POST http://127.0.0.1:8787${path}`)
  expect(lines).toContain('  http://127.0.0.1:8787/health')
})

test('an attribution that several upstreams share is printed once', () => {
  const lines = bannerLines()

  expect(lines.filter((line) => line === 'Data by Example (https://example.org)')).toHaveLength(1)
})

test('a simulated provider is never called recorded or live', () => {
  const text = bannerLines(['spot', 'futures']).join('\n')

  expect(text).toContain('spot: simulated, all values are invented')
  expect(text).not.toMatch(/record(?:ed|ing)|: live/)
})

test('a provider that is off is printed with the reason, neither as simulated nor with its attribution', () => {
  const text = bannerLines(['spot', 'futures', 'charts']).join('\n')

  expect(text).toContain('charts: off: CHARTS_TERMS_ACCEPTED is false')
  expect(text).not.toMatch(/charts: simulated|Prices by/)
})

test('the address of the page comes first, and files of the page are no lines', () => {
  const lines = bannerLines()

  expect(lines.slice(0, 2)).toEqual([
    'Freshet 1.0.0 at http://127.0.0.1:8787',
    'Open this address in a browser. Operators sign in there with the token below.',
  ])
  expect(lines.filter((line) => line.includes('/ui/'))).toEqual([])
})
