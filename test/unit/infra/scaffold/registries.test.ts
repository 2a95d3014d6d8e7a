import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { REGISTRIES, withJob, withStandIn, withUpstream } from '#infra/scaffold/registries.ts'

/** The lines that a registry has more, and those that it has no more. */
function changes(before: string, after: string) {
  const [old, changed] = [before.split('\n'), after.split('\n')]
  return {
    added: changed.filter((line) => !old.includes(line)),
    removed: old.filter((line) => !changed.includes(line)),
  }
}

test('the registry of jobs gets one line, before the first job of a later name', async () => {
  const before = await readFile(REGISTRIES.jobs, 'utf8')
  const after = withJob(before, 'geo-prices', 'geoPrices')

  expect(changes(before, after)).toEqual({
    added: ["export { job as geoPrices } from '#functions/jobs/geo-prices/job.ts'"],
    removed: [],
  })
  const lines = after.split('\n')
  expect(lines[lines.findIndex((line) => line.includes('geo-prices')) - 1]).toContain('geo-events')
})

test('a job that is the last by name comes last', async () => {
  const after = withJob(await readFile(REGISTRIES.jobs, 'utf8'), 'zone-prices', 'zonePrices')

  expect(after.endsWith("export { job as zonePrices } from '#functions/jobs/zone-prices/job.ts'\n")).toBe(
    true,
  )
})

test('the registry of providers gets an import and an entry', async () => {
  const before = await readFile(REGISTRIES.upstreams, 'utf8')

  expect(changes(before, withUpstream(before, 'acme-spot', 'acmeSpot'))).toEqual({
    added: ["import { acmeSpot } from './acme-spot.ts'", '  acmeSpot,'],
    removed: [],
  })
})

test('the registry of stand-ins gets the provider, or joins the new path to the ones that it has', async () => {
  const before = await readFile(REGISTRIES.standIns, 'utf8')
  const first = withStandIn(before, 'acme-spot', 'prices', 'pricesSample')
  const second = withStandIn(first, 'acme-spot', 'trades', 'tradesSample')

  expect(changes(before, first)).toEqual({
    added: ["import { pricesSample } from './samples/prices.ts'", "  'acme-spot': pricesSample,"],
    removed: [],
  })
  expect(changes(first, second)).toEqual({
    added: [
      "import { tradesSample } from './samples/trades.ts'",
      "import { joinedProviders } from './model/played-sample.ts'",
      "  'acme-spot': joinedProviders(tradesSample, pricesSample),",
    ],
    removed: ["  'acme-spot': pricesSample,"],
  })
  expect(changes(before, withStandIn(before, 'coingecko', 'prices', 'pricesSample')).added).toContain(
    '  coingecko: joinedProviders(pricesSample, coingecko),',
  )
})

test('a registry of another form is an error that names it', () => {
  expect(() => withUpstream('export const nothing = 1\n', 'acme', 'acme')).toThrow(
    /^shared\/upstreams\/index.ts: expected the list of the registry/,
  )
})
