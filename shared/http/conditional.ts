/**
 * Whether a client accepts brotli: `br` or `*` with a weight above zero; `br` said explicitly wins.
 *
 * @see RFC 9110, section 12.5.3
 */
export function acceptsBrotli(acceptEncoding: string | undefined): boolean {
  if (acceptEncoding === undefined) return false
  const weights = new Map(
    acceptEncoding.split(',').map((part) => {
      const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
      const weight = parameters.find((parameter) => parameter.startsWith('q='))
      return [coding, weight === undefined ? 1 : Number(weight.slice(2))] as const
    }),
  )
  return (weights.get('br') ?? weights.get('*') ?? 0) > 0
}

/**
 * Whether `If-None-Match` names the current entity tag, by weak comparison.
 *
 * @param etag - the current tag as it is sent, `W/"…"`
 * @see RFC 9110, section 13.1.2
 */
export function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (tag: string) => tag.trim().replace(/^W\//, '')
  return ifNoneMatch.split(',').some((tag) => opaque(tag) === opaque(etag))
}
