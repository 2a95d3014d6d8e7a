import { Aws } from 'aws-cdk-lib'

/** The name of a resource that has to be unique in an account, in all of its regions. @param name - with its stage */
export function resourceName(name: string): string {
  return `freshet-${Aws.REGION}-${name}`
}
