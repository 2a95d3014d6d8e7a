import { Agent } from 'node:http'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { openApiDocument } from '#infra/docs/openapi/document.ts'
import { defined } from '#shared/domain/defined.ts'
import type { ApiDocument } from '#test/support/contract/api-document.ts'
import { Contract } from '#test/support/contract/contract.ts'
import { type LocalApi, openLocalApi } from '#test/support/contract/local-api.ts'
import { type GeneratedRequest, requestsOf } from '#test/support/contract/requests.ts'
import { sendRequest } from '#test/support/http/exchange.ts'
import { runs } from '#test/support/runs.ts'

/** Number of requests: `npm run test:api` sends 20,000. */
const REQUESTS = Number(process.env['API_REQUESTS'] ?? runs(1_500, 400))

/** Names of parameters and members whose values are keys of a dataset. */
const KEY_NAMES = ['key', 'symbol', 'symbols', 'prefix', 'include', 'exclude', 'items']

/** Example values of the parameters and members of a path. */
function examplesOf({ system, keys, runs: ids }: LocalApi) {
  const names = system.jobs.flatMap(({ id, triggerNames }) => [id, ...triggerNames])
  const everyKey = [...keys.values()].flat()
  return (template: string) => (name: string) => {
    const parts = everyKey.map((key) => key.split(/[:/]/).at(-1) ?? key)
    if (KEY_NAMES.includes(name)) return [...everyKey.slice(0, 100), ...parts.slice(0, 50), 'BTCUSDT']
    if (name === 'dataset' || name === 'job') return names
    if (name === 'confirm') return system.jobs.map(({ id }) => id)
    if (name === 'for' || name === 'every') return ['2 hours', '30 minutes', '1 day']
    if (name === 'series_id') return keys.get('macro-indicators') ?? []
    if (name !== 'id' && name !== 'task_id') return []
    if (template.includes('/upstreams/')) return [...system.upstreams.keys()]
    if (template.includes('/runs/{id}') || template.includes('task')) return ids
    if (template.includes('/projects/')) return [...new Set(parts.filter((part) => /^\d+$/.test(part)))]
    return [...names, 'BTCUSDT']
  }
}

function requestText({ method, target, headers, body }: GeneratedRequest): string {
  return `${method} ${target} ${JSON.stringify(headers)} ${body?.toString().slice(0, 300) ?? ''}`
}

test('every response of the API is documented: its status, its headers and its body; none is a 500', {
  timeout: 600_000,
}, async ({ onTestFinished, annotate }) => {
  const document = (await openApiDocument(jobs, '0.0.0')) as ApiDocument
  const api = await openLocalApi(onTestFinished, document)
  const contract = new Contract(document)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  onTestFinished(() => agent.destroy())
  const { authorization, clock, origin } = api
  const context = { document, authorization, examplesOf: examplesOf(api), now: clock.now() }
  const findings = new Set<string>()
  const statuses = new Map<number, number>()

  for (const request of fc.sample(requestsOf(context), REQUESTS)) {
    const { method, target, headers, body } = request
    const length = body === undefined ? {} : { 'content-length': body.length }
    const sent = { method, headers: { ...headers, ...length }, agent, ...defined({ body }) }
    const response = await sendRequest(origin, target, sent)
    statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
    for (const finding of contract.findings({ method, target, ...response }))
      if (findings.size < 20) findings.add(`${finding}\n  ${requestText(request)}`)
  }

  await annotate([...statuses].map(([status, count]) => `${status}: ${count}`).join(', '))
  expect([...findings]).toEqual([])
  expect(api.defects).toEqual([])
  expect([...statuses.keys()]).toEqual(expect.arrayContaining([200, 304, 400, 401, 403, 404, 431]))
})
