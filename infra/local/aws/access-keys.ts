/** The access key id of the local system itself, which may do everything. */
export const SYSTEM_ACCESS_KEY = 'local'

const FUNCTION_PREFIX = 'function.'

/** The access key id that names a function to the local AWS services. */
export function accessKeyOf(functionName: string): string {
  return `${FUNCTION_PREFIX}${functionName}`
}

/** The function that an access key id names; `undefined` for any other. */
export function functionOf(accessKey: string | undefined): string | undefined {
  return accessKey?.startsWith(FUNCTION_PREFIX) ? accessKey.slice(FUNCTION_PREFIX.length) : undefined
}
