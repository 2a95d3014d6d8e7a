/**
 * Collects the messages of one turn of the event loop and posts them together: each post wakes the other thread, which
 * takes longer than most invocations.
 */
export class Outbox<T> {
  readonly #post: (messages: readonly T[]) => void
  #messages: T[] = []

  constructor(post: (messages: readonly T[]) => void) {
    this.#post = post
  }

  add(message: T): void {
    this.#messages.push(message)
    if (this.#messages.length > 1) return
    setImmediate(() => {
      const messages = this.#messages
      this.#messages = []
      this.#post(messages)
    })
  }
}
