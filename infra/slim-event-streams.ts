/**
 * What the SDK finds in bundles in place of its event streams: answers that go on and on, which no operation that is
 * called here has. They are an eighth of the read function.
 *
 * @throws {Error} whenever one is opened
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('expected no operation with an event stream: bundles carry none')
  }
}

/** @throws {Error} whenever it is asked for one */
export function eventStreamSerdeProvider(): never {
  throw new Error('expected no operation with an event stream: bundles carry none')
}
