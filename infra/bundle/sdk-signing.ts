/**
 * What EventBridge's client finds in bundles in place of its choice of signers: the plain one. The other signs for
 * global endpoints, which nothing here calls; with it the read function is over its budget.
 */
export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4'
