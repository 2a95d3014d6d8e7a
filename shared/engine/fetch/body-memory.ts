import { RefreshError } from '#shared/domain/errors.ts'

/**
 * Maximum size of all bodies of one run together, in bytes of decoded text: of those that are being received and of
 * those whose request is not published yet. Parsed, a body takes several times its size; the rest of a function's memory
 * has to hold that.
 */
const MAX_BODIES_BYTES = 32 * 1024 * 1024

interface Waiting {
  readonly bytes: number
  readonly memory: RequestMemory
  readonly granted: PromiseWithResolvers<void>
}

/** The memory that the bodies of one run may take, shared by its requests, first come, first served. */
export class BodyMemory {
  readonly #limitBytes: number
  readonly #requests = new Set<RequestMemory>()
  readonly #waiting: Waiting[] = []

  constructor(limitBytes = MAX_BODIES_BYTES) {
    this.#limitBytes = limitBytes
  }

  /** The part of one request; to be ended by {@link RequestMemory.close}. */
  open(): RequestMemory {
    const memory: RequestMemory = new RequestMemory({
      waitForRoom: (bytes) => this.#waitForRoom(bytes, memory),
      changed: () => this.#serve(),
      closed: () => this.#requests.delete(memory),
    })
    this.#requests.add(memory)
    return memory
  }

  #waitForRoom(bytes: number, memory: RequestMemory): Promise<void> {
    const granted = Promise.withResolvers<void>()
    this.#waiting.push({ bytes, memory, granted })
    this.#serve()
    return granted.promise
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      if (this.#usedBytes() + next.bytes > this.#limitBytes) break
      this.#waiting.shift()
      next.memory.grant(next.bytes)
      next.granted.resolve()
    }
    if (this.#isDeadlocked()) this.#failNewest()
  }

  #usedBytes(): number {
    return [...this.#requests].reduce((sum, { usedBytes }) => sum + usedBytes, 0)
  }

  /** Every request waits for the others: none of them can end. */
  #isDeadlocked(): boolean {
    const isBlocked = (memory: RequestMemory) =>
      !memory.isReceiving && this.#waiting.some((call) => call.memory === memory)
    return this.#waiting.length > 0 && [...this.#requests].every(isBlocked)
  }

  #failNewest(): void {
    const newest = this.#waiting.pop()
    const message = `expected bodies of at most ${this.#limitBytes} bytes together in one run, got larger ones`
    newest?.granted.reject(new RefreshError('too-large', message))
  }
}

interface RequestMemoryOptions {
  readonly waitForRoom: (bytes: number) => Promise<void>
  readonly changed: () => void
  readonly closed: () => void
}

/** The memory of the bodies of one request. */
export class RequestMemory {
  readonly #options: RequestMemoryOptions
  #receivingBytes = 0
  #keptBytes = 0
  #receiving = 0

  constructor(options: RequestMemoryOptions) {
    this.#options = options
  }

  get usedBytes(): number {
    return this.#receivingBytes + this.#keptBytes
  }

  /** Whether a body is being received. */
  get isReceiving(): boolean {
    return this.#receiving > 0
  }

  /**
   * Receives one body: waits until there is room for the largest one, and keeps as much as arrived.
   *
   * @param maxBytes - size of the largest body that `receive` returns
   * @param sizeOf - size of the body that stays in memory
   * @throws {RefreshError} `too-large` when all requests of the run wait for each other; whatever `receive` throws
   */
  async receive<T>(maxBytes: number, receive: () => Promise<T>, sizeOf: (result: T) => number): Promise<T> {
    await this.#options.waitForRoom(maxBytes)
    let sizeBytes = 0
    try {
      const result = await receive()
      sizeBytes = sizeOf(result)
      return result
    } finally {
      this.#receiving -= 1
      this.#receivingBytes -= maxBytes
      this.#keptBytes += sizeBytes
      this.#options.changed()
    }
  }

  /** Called by the run's memory when there is room. */
  grant(bytes: number): void {
    this.#receiving += 1
    this.#receivingBytes += bytes
  }

  /** The bodies so far are no longer needed. */
  clear(): void {
    this.#keptBytes = 0
    this.#options.changed()
  }

  /** The request has ended. */
  close(): void {
    this.#keptBytes = 0
    this.#options.closed()
    this.#options.changed()
  }
}
