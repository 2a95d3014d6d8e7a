/**
 * What DynamoDB's client finds in bundles in place of its cache of discovered endpoints. Endpoint discovery is off
 * unless somebody asks for it; its cache would cost the read function the rest of its budget.
 */
export class EndpointCache {
  /** @throws whenever it is asked, because discovery was switched on: `AWS_ENABLE_ENDPOINT_DISCOVERY` must not be set */
  has(): never {
    throw new Error(
      'expected AWS_ENABLE_ENDPOINT_DISCOVERY not to be set: bundles carry no endpoint discovery',
    )
  }

  get = this.has
  getEndpoint = this.has
  set = this.has
  delete = this.has
  clear = this.has
}

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
