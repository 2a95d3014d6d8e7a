/**
 * Timeouts of AWS calls, in milliseconds. The SDK has none by default, so that a stalled response would last until the
 * invocation times out. A DynamoDB response that stalls mid-body fails after 2 s.
 */
export const AWS_TIMEOUTS = {
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
    socketTimeout: 2_000,
  },
}
