import { SLOW_RESPONSE_MS } from '#shared/domain/records/run-statistics.ts'
import type { Work } from '../model/run-state.ts'

/** Work that reports each response which took longer than {@link SLOW_RESPONSE_MS}; attempts without one do not count. */
export function withTimedHttp<V>(work: Work<V>, onSlow: () => void): Work<V> {
  const { clock, http } = work.ports
  return {
    ...work,
    ports: {
      ...work.ports,
      http: async (request) => {
        const sentAt = clock.now()
        const response = await http(request)
        if (clock.now() - sentAt > SLOW_RESPONSE_MS) onSlow()
        return response
      },
    },
  }
}
