/**
 * Replaces the endpoint cache of DynamoDB's client in bundles. Endpoint discovery is off by default, and the cache does
 * not fit the size budget of the read function.
 */
export class EndpointCache {
  /** @throws always: the SDK only calls it when `AWS_ENABLE_ENDPOINT_DISCOVERY` is set */
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
 * Replaces the SDK's event streams in bundles: no operation in use has one. They are an eighth of the read function.
 *
 * @throws {Error} always
 */
export class EventStreamSerde {
  constructor() {
    throw new Error('expected no operation with an event stream: bundles carry none')
  }
}

/** @throws {Error} always */
export function eventStreamSerdeProvider(): never {
  throw new Error('expected no operation with an event stream: bundles carry none')
}
