/**
 * How long a call of AWS may take, in milliseconds: the SDK's own clients wait for ever, and a table that hangs would
 * take the whole invocation with it.
 */
export const AWS_TIMEOUTS = {
  requestHandler: {
    connectionTimeout: 1_000,
    requestTimeout: 2_000,
    throwOnRequestTimeout: true,
    socketTimeout: 2_000,
  },
}
