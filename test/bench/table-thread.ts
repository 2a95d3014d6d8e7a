import { parentPort } from 'node:worker_threads'
import { dynaliteTable } from '#test/fakes/table/dynalite-table.ts'

/* The embedded engine in a thread of its own, so that its work is not counted as its client's. */

const table = await dynaliteTable()
parentPort?.postMessage({ endpoint: table.endpoint, name: await table.create() })
