const REQUEST_TIMEOUT_MS = 2_000

/**
 * Timeouts of AWS calls, for the options of a client. The SDK has none by default, so that a stalled response would last
 * until the invocation times out. A DynamoDB response that stalls mid-body fails after the same time.
 *
 * @param requestTimeout - of one attempt, in milliseconds; a connection has half of it
 */
export function awsTimeouts(requestTimeout: number = REQUEST_TIMEOUT_MS) {
  return {
    requestHandler: {
      connectionTimeout: requestTimeout / 2,
      requestTimeout,
      throwOnRequestTimeout: true,
      socketTimeout: requestTimeout,
    },
  }
}

/** The timeouts of a deployment. */
export const AWS_TIMEOUTS = awsTimeouts()
