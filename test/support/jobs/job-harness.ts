import { viewsByJob } from '#functions/jobs/views.ts'
import { simulatedProviders } from '#infra/local/simulated/index.ts'
import { type JobDeclaration, resolveJob } from '#shared/declare/job.ts'
import type { SettingTexts } from '#shared/declare/settings.ts'
import { resolveUpstream, type Upstream } from '#shared/declare/upstream.ts'
import { defined } from '#shared/domain/defined.ts'
import type { HttpRequest } from '#shared/domain/ports/http.ts'
import type { Refresh } from '#shared/engine/model/refresh.ts'
import { upstreams } from '#shared/upstreams/index.ts'
import { jsonOf, reader } from '#test/fakes/world/clients.ts'
import { type Reply, type World, world } from '#test/fakes/world/world.ts'

/** What a test may choose; everything has a default. */
export interface HarnessOptions {
  /** The virtual clock starts here, in epoch milliseconds; 2026-11-20T12:00:00Z by default. */
  readonly start?: number
  /** Settings as texts, by their documented names. */
  readonly settings?: SettingTexts
  /** Values of secrets, by parameter name. */
  readonly secrets?: Readonly<Record<string, string>>
}

/** One response of the job's public routes. */
interface HarnessResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
}

/** A job over fakes: a virtual clock, a table in memory, simulated providers, and the job's own public routes. */
export interface JobHarness<V> extends Omit<World<V>, 'script'> {
  /** Sends a GET request to a public route of the job, with its query. */
  get(target: string): Promise<HarnessResponse>
  /** Replaces the simulated providers: every call is answered by `reply` from now on. */
  respondWith(reply: (request: HttpRequest, call: number) => Reply): void
  /** Restores the simulated providers. */
  respondAsSimulated(): void
}

const DEFAULT_START = Date.UTC(2026, 10, 20, 12)

/** One of many possible simulated worlds. */
const SEED = 1

/**
 * Runs a job without network, table and real time.
 *
 * Each provider of the job is answered by its generator in `infra/local/simulated/` until `respondWith` replaces it; a
 * provider without a generator answers 503. `tick(at)` moves the clock and runs the job as its schedule would.
 *
 * @throws {TypeError} for illegal settings, and for a provider that no file in `shared/upstreams/` declares
 * @example
 * const harness = jobHarness(job, refresh)
 * harness.respondWith(() => ({ status: 200, body: { bitcoin: { usd: 91_234.5, last_updated_at: 1_795_176_000 } } }))
 * expect(await harness.tick(harness.clock.now())).toMatchObject({ status: 'succeeded' })
 * expect((await harness.get('/api/v1/bitcoin-price')).body).toMatchObject({ data: { usd: '91234.5' } })
 */
export function jobHarness<V>(
  declaration: JobDeclaration,
  refresh: Refresh<V, string>,
  { start = DEFAULT_START, settings = {}, secrets }: HarnessOptions = {},
): JobHarness<V> {
  const job = resolveJob(declaration, settings)
  const [upstream, ...otherUpstreams] = job.upstreams.map((name) => declaredUpstream(name, settings))
  if (!upstream) throw new TypeError(`expected ${job.id} to name an upstream`)
  const { script, ...base } = world({
    job,
    upstream,
    otherUpstreams,
    refresh,
    start,
    ...defined({ secrets }),
  })
  const respondAsSimulated = () =>
    script((request) => simulatedReply(request, [upstream, ...otherUpstreams], base.clock.now()))
  respondAsSimulated()
  const { answer } = reader({ ...base, script }, { views: viewsByJob })
  return {
    ...base,
    respondWith: script,
    respondAsSimulated,
    get: async (target) => {
      const [path = '', search = ''] = target.split('?')
      const query = Object.fromEntries(new URLSearchParams(search))
      const response = await answer({ method: 'GET', path, headers: {}, query })
      return { status: response.statusCode, headers: response.headers, body: jsonOf(response) }
    },
  }
}

function declaredUpstream(name: string, settings: SettingTexts): Upstream {
  const declared = upstreams.find((candidate) => candidate.name === name)
  if (!declared) throw new TypeError(`expected a provider in shared/upstreams/, got ${name}`)
  return resolveUpstream(declared, settings)
}

function simulatedReply(
  { url, headers: sent, secretQuery }: HttpRequest,
  providers: readonly Upstream[],
  now: number,
): Reply {
  for (const { name, baseUrls } of providers) {
    const base = baseUrls.find(({ host, pathname }) => host === url.host && url.pathname.startsWith(pathname))
    const provider = simulatedProviders[name]
    if (!base || !provider) continue
    const path = url.pathname.slice(base.pathname.replace(/\/$/, '').length)
    const query = new URLSearchParams(url.searchParams)
    if (secretQuery) query.set(secretQuery.name, secretQuery.value)
    const { status, headers, body } = provider(SEED, now, path, query, [], undefined, sent)
    return { status, headers, body }
  }
  return { status: 503, body: `expected a simulated provider for ${url.host}, got none` }
}
