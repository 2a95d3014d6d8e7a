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
