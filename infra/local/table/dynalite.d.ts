declare module 'dynalite' {
  import type { Server } from 'node:http'

  interface Choices {
    readonly path?: string
    readonly createTableMs?: number
    readonly deleteTableMs?: number
    readonly updateTableMs?: number
  }

  /** A server that speaks DynamoDB; closing it closes the database behind it. */
  export default function dynalite(choices: Choices): Server
}
