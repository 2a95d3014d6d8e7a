import { readCounts } from '#functions/reads/metrics.ts'
import type { LoadDocument } from '#functions/reads/open-api.ts'
import { type ReadAccess, readHandler } from '#functions/reads/reads.ts'
import { decompress } from '#shared/domain/codec.ts'
import type { HttpResult } from '#shared/http/problem.ts'
import type { ReadPorts } from '#shared/read/read-path.ts'
import type { ReadRequest } from '#shared/read/request.ts'
import type { World } from './world.ts'

/** The reads of one process over a world; `deliver` runs what was put on the bus, as the bus would. */
export function reader<V>(
  world: World<V>,
  change: Partial<ReadPorts> = {},
  readers?: ReadAccess,
  load?: LoadDocument,
) {
  const { clock, store, bus, log } = world.work.ports
  const ports = { clock, store, bus, log, counts: readCounts('test', clock), ...change }
  const answer = readHandler([world.work.job], '0.0.0', ports, readers, load)
  const get = (path: string, headers: ReadRequest['headers'] = {}, method = 'GET') =>
    answer({ method, path, headers })
  const deliver = async () => {
    for (const event of world.events.splice(0)) {
      if (event.type !== 'refresh.requested') continue
      const { cause, key } = event.detail
      const at = clock.now()
      await world.run({ cause, event: { id: `event-${at}`, at }, ...(key === undefined ? {} : { key }) })
    }
  }
  return { answer, get, deliver }
}

/** The body of an answer, whatever its encoding. */
export function jsonOf({ body, headers, isBase64Encoded }: HttpResult) {
  const bytes = isBase64Encoded ? Buffer.from(body, 'base64') : Buffer.from(body)
  return JSON.parse((headers['content-encoding'] === 'br' ? decompress(bytes) : bytes).toString('utf8'))
}
