import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { onTestCleanup } from './at-end.ts'

const CLIENT_SOCKETS = 'net.client.socket'

/** Counts the sockets that this process opens towards anybody, for the length of one test. */
export function countSockets(): () => number {
  let opened = 0
  const count = () => {
    opened += 1
  }
  subscribe(CLIENT_SOCKETS, count)
  onTestCleanup(async () => {
    unsubscribe(CLIENT_SOCKETS, count)
  })
  return () => opened
}
