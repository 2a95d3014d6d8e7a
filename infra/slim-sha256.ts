/** What the SDK finds in bundles in place of its own SHA-256: it is for a Node without `node:crypto`. */
export const Sha256Js = undefined
