import { connect, type Socket } from 'node:net'

/** One request that a client repeats, and the status that each response must have. */
export interface Load {
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
  readonly status?: number
}

/** Responses a second, and the median latency. */
export interface Throughput {
  readonly perSecond: number
  readonly medianMs: number
}

const HEADER_END = Buffer.from('\r\n\r\n')

/**
 * Sends one request after the other on each of several connections that stay open. It reads no more of a response than
 * its status and length: a full HTTP client takes more time than the servers that it measures.
 *
 * @throws {Error} for a response with another status or without a length
 */
export async function measureLoad(
  { url, headers = {}, status = 200 }: Load,
  clients: number,
  durationMs: number,
): Promise<Throughput> {
  const { hostname, port, pathname, search } = new URL(url)
  const lines = Object.entries({ host: hostname, ...headers }).map(([name, value]) => `${name}: ${value}`)
  const request = Buffer.from(`GET ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
  const latencies: number[] = []
  const start = performance.now()
  const end = start + durationMs
  await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = connect(Number(port), hostname)
      socket.setNoDelay(true)
      try {
        await repeat(socket, request, status, end, latencies)
      } finally {
        socket.destroy()
      }
    }),
  )
  const seconds = (performance.now() - start) / 1_000
  const sorted = latencies.toSorted((a, b) => a - b)
  return {
    perSecond: latencies.length / seconds,
    medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN,
  }
}

function repeat(socket: Socket, request: Buffer, status: number, end: number, latencies: number[]) {
  return new Promise<void>((resolve, reject) => {
    let sentAt = 0
    let missing = 0
    const send = () => {
      sentAt = performance.now()
      socket.write(request)
    }
    socket.on('error', reject)
    socket.on('close', () => reject(new Error('expected an open connection, got its end')))
    socket.on('data', (chunk) => {
      if (missing === 0) {
        const bodyStart = chunk.indexOf(HEADER_END) + HEADER_END.length
        const head = chunk.subarray(0, bodyStart).toString('latin1')
        const length = /^content-length: (\d+)/im.exec(head)?.[1]
        if (!head.startsWith(`HTTP/1.1 ${status} `) || length === undefined)
          return reject(new Error(`expected ${status} with a length, got ${head.split('\r\n', 1)[0]}`))
        missing = Number(length) - (chunk.length - bodyStart)
      } else missing -= chunk.length
      if (missing > 0) return
      const now = performance.now()
      latencies.push(now - sentAt)
      if (now < end) send()
      else resolve()
    })
    socket.once('connect', send)
  })
}
