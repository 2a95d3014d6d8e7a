import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import { systemClock } from '#shared/adapters/system-clock.ts'
import { run } from '#shared/engine/run.ts'
import { pricesWorld, symbolNames } from '#test/fakes/jobs/prices.ts'

/**
 * One run in a process of its own, whose memory is measured: `node memory-run.ts <origin> <maxBytes> <symbols>`.
 * Prints the run's record and the largest memory of the process in bytes.
 */
const [origin = '', maxBytes = '', count = ''] = process.argv.slice(2)

const change = {
  run: { mode: 'plain', deadline: '2 minutes', attempts: 1, backoff: '1 second', concurrency: 16 },
} as const
const { work } = pricesWorld('items', symbolNames(Number(count)), Date.now(), { change })
const upstream = {
  ...work.upstream,
  baseUrls: [new URL(origin)],
  trustedOrigins: [origin],
  maxBytes: Number(maxBytes),
}
const ports = { ...work.ports, clock: systemClock, http: httpClient({ trustedOrigins: [origin] }) }
const record = await run({ cause: 'operator' }, { ...work, upstream, ports })
const peakBytes = process.resourceUsage().maxRSS * 1024
process.stdout.write(JSON.stringify({ record, peakBytes }))
