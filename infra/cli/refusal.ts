import { isExpired, SIGN_IN, SIGN_IN_AGAIN } from './aws-credentials.ts'
import { type Connection, isLocal } from './connection.ts'

/** What to do next about a request that was refused with 401 or 403. @param reason - the words of the answer */
export function refusalHint({ url, signedBy }: Connection, reason: string): string {
  switch (signedBy) {
    case 'none':
      return isLocal(url)
        ? 'No token was found: run in the folder of npm start, or set FRESHET_DATA or FRESHET_TOKEN.'
        : `No credentials: set --token for a system that takes tokens. Else: ${SIGN_IN}`
    case 'token':
      return isLocal(url)
        ? 'The token is not accepted: set FRESHET_DATA to the data of this system, or --token to the one that npm start prints.'
        : 'The token is not accepted: it has expired, or lacks the scope of operators. Get a new one for --token.'
    case 'aws':
      return awsHint(reason)
  }
}

/** By the words of the gateway. */
function awsHint(reason: string): string {
  if (/signature (?:expired|not yet current)/i.test(reason))
    return 'The clock of this machine is wrong: set it, and repeat the command.'
  if (isExpired(reason)) return SIGN_IN_AGAIN
  if (/region|scoped/i.test(reason))
    return 'The signature is for another region: name that of the system with --region.'
  return 'The caller may not do that: attach the policy OperatorsPolicyArn of the stack, or choose another AWS_PROFILE (aws sts get-caller-identity).'
}
