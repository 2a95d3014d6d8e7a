import { bundleOrReuse } from '#infra/bundle/reuse.ts'

/** Global set-up of the projects that start the system: the bundles are built once, before two files start it at a time. */
export async function setup(): Promise<void> {
  await bundleOrReuse()
}
