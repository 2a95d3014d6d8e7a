/**
 * Replaces the signer of EventBridge's client in bundles by the plain one. The original also signs for global endpoints,
 * which are not in use here; with it the read function exceeds its size budget.
 */
export { SignatureV4 as SignatureV4MultiRegion } from '@smithy/signature-v4'
