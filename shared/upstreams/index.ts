import type { UpstreamDeclaration } from '../declare/upstream.ts'
import { coingecko } from './coingecko.ts'

/** Every provider, one line each. */
export const upstreams: readonly UpstreamDeclaration[] = [coingecko]
