/**
 * Replaces the SDK's own SHA-256 in bundles: it serves a Node without `node:crypto`. A file of its own, because a plugin
 * resolves it and aliases resolve the other stubs: esbuild numbers a module that both resolve in no fixed order.
 */
export const Sha256Js = undefined
