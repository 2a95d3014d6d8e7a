/*
 * Replacements of modules that the SDK imports by relative paths and that no function of this project uses. They are not in
 * `sdk-stubs.ts`, because a plugin resolves this file and aliases resolve that one: esbuild numbers a module that both
 * resolve in no fixed order.
 */

/**
 * Replaces adaptive retries. Standard retries are the default, and `AWS_RETRY_MODE` is not set.
 *
 * @throws {Error} always
 */
export class AdaptiveRetryStrategy {
  constructor() {
    throw new Error("expected AWS_RETRY_MODE not to be 'adaptive': bundles carry standard retries only")
  }
}

/** Replaces the look-up of a region at the metadata endpoint of EC2, which Lambda does not have. */
export function getInstanceMetadataRegion(): Promise<undefined> {
  return Promise.resolve(undefined)
}

/** Replaces the names of buckets in endpoints: no function uses S3. @throws {Error} always */
export function resolveParamsForS3(): never {
  throw new Error('expected no call of S3: bundles carry no S3 endpoints')
}

/** Replaces the warning about old versions of Node: the stack sets the runtime. */
export function emitWarningIfUnsupportedVersion(): void {}

export const state = { warningEmitted: true }
