/**
 * Replaces the SDK's adaptive retries in bundles. Standard retries are the default, and `AWS_RETRY_MODE` is not set.
 *
 * @throws {Error} always
 */
export class AdaptiveRetryStrategy {
  constructor() {
    throw new Error("expected AWS_RETRY_MODE not to be 'adaptive': bundles carry standard retries only")
  }
}
