import { resolve } from 'node:path'
import { reportUserErrors } from '#infra/command/report-user-errors.ts'

await reportUserErrors(async () => {
  const { bundleAndRecord } = await import('./reuse.ts')
  const { functions } = await bundleAndRecord()
  const width = Math.max(...Object.keys(functions).map((name) => name.length))
  for (const [name, { bytes, gzipBytes }] of Object.entries(functions)) {
    console.log(`${name.padEnd(width)}  ${kilobytes(bytes)} KB  ${kilobytes(gzipBytes)} KB gzip`)
  }
  const { writeClientPackage } = await import('./client-package.ts')
  await writeClientPackage(resolve(import.meta.dirname, '../../dist/client'))
})

function kilobytes(bytes: number): string {
  return (bytes / 1_000).toFixed(1).padStart(6)
}
