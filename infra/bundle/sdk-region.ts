/** Replaces the SDK's look-up of a region at the metadata endpoint of EC2, which Lambda does not have. */
export function getInstanceMetadataRegion(): Promise<undefined> {
  return Promise.resolve(undefined)
}
