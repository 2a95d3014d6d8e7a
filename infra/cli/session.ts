import type { Command } from 'commander'
import type { Client } from '#shared/client/client.ts'
import type { ApiResponse } from './api.ts'
import type { Connection } from './connection.ts'
import type { ProgressLine } from './progress-line.ts'

/** What a command gets: calls as the operator, and ways to print. */
export interface Session {
  readonly connection: Connection
  /** The documented API. */
  readonly api: Client
  /** A request to any path. */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<ApiResponse>
  /** Prints the JSON of a response with `--json`, else its text; no text if it is `undefined`. */
  print(body: unknown, text: () => string | undefined): void
  /** Prints a line of a command that goes on; nothing with `--json`. */
  line(text: string): void
  /** A line about what a command waits for; nothing with `--json`. */
  readonly progress: Pick<ProgressLine, 'show' | 'clear'>
}

/** Adds commands to the program. `session` reads the global options when a command runs. */
export type AddCommands = (program: Command, session: () => Promise<Session>) => void
