import { ApiError } from '#shared/client/client.ts'
import { isOperator, isSigned } from '../data/api.ts'

/** An error in the API's own words, with what to do where the page knows it; what was loaded before stays beside it. */
export function Failure({ error }: { readonly error: Error | undefined }) {
  return error ? (
    <p class="failure" role="alert">
      {textOf(error)}
    </p>
  ) : null
}

function textOf(error: Error): string {
  const { name, message } = error
  if (error instanceof ApiError) return `${message}${adviceOf(error)}`
  // without a response, browsers throw errors of these names, with words of their own
  if (name === 'TimeoutError') return 'The system has not answered in time.'
  if (name === 'TypeError') return `The system does not answer (${message}).`
  return message
}

function adviceOf({ status }: ApiError): string {
  // the proxy that signs has advice of its own
  if (isSigned || (status !== 401 && status !== 403)) return ''
  return isOperator.value
    ? '. The token is not accepted: sign out at the end of this page, and sign in with another one.'
    : '. This is for operators: sign in at the end of this page.'
}
