import type { RequestListener } from 'node:http'
import { httpClient } from '#shared/adapters/http-client/http-client.ts'
import type { Upstream } from '#shared/declare/upstream.ts'
import { run } from '#shared/engine/run.ts'
import { priceBody } from '#test/fakes/jobs/prices.ts'
import type { World } from '#test/fakes/world/world.ts'
import { type ScriptedUpstream, scriptedUpstream } from '#test/support/process/scripted-upstream.ts'

/** A world around one job whose upstream is a server on a real socket, asked by the real client. */
export interface WireWorld<V> extends Omit<World<V>, 'script' | 'calls' | 'run'> {
  readonly upstream: ScriptedUpstream
  /** Everything that the system said, stored or sent, as one text. */
  output(): string
}

/**
 * Puts a world on the wire. Its time passes while sockets are waited for; waits between attempts take none.
 *
 * @param change - what of the declared upstream is to be different, given the server's origin
 */
export async function onTheWire<V>(
  world: World<V>,
  change: (origin: string) => Partial<Upstream> = () => ({}),
): Promise<WireWorld<V>> {
  const server = await scriptedUpstream()
  const declared = {
    ...world.work.upstream,
    baseUrls: [new URL(server.origin)],
    trustedOrigins: [server.origin],
  }
  const upstream = { ...declared, ...change(server.origin) }
  const clock = onRealTime(world.clock)
  const { ports } = world.work
  const http = httpClient({ trustedOrigins: upstream.trustedOrigins })
  const work = {
    ...world.work,
    upstream,
    ports: { ...ports, http, clock: { now: clock.now, sleep: ports.clock.sleep } },
  }
  return {
    ...world,
    clock,
    work,
    upstream: server,
    tick: (at) => {
      clock.advance(Math.max(0, at - clock.now()))
      return run({ cause: 'tick', tick: at }, work)
    },
    output: () => {
      const stored = Object.values(world.store.memory).map((map: ReadonlyMap<string, unknown>) => [...map])
      return JSON.stringify([world.lines, world.events, stored])
    },
  }
}

/** The price of whichever symbol is asked for. */
export function priced(at: number, price = 10): RequestListener {
  return ({ url = '' }, response) => {
    response.end(JSON.stringify(priceBody(new URL(url, 'http://prices.test'), price, at)))
  }
}

/** One answer after the other; the last one from then on. */
export function inTurn(...answers: readonly [RequestListener, ...RequestListener[]]): RequestListener {
  let next = 0
  return (request, response) => {
    const listener = answers[Math.min(next++, answers.length - 1)] ?? answers[0]
    listener(request, response)
  }
}

/** A virtual clock that moves on with real time too. */
function onRealTime<V>(clock: World<V>['clock']): World<V>['clock'] {
  const began = performance.now()
  return { ...clock, now: () => Math.floor(clock.now() + performance.now() - began) }
}
