/**
 * A symbol in Yahoo's spelling: the classes A, B and C of a share follow a hyphen. Any other letter after a point is an
 * exchange.
 *
 * @example
 * yahooSymbol('BRK.B') // 'BRK-B'
 * yahooSymbol('VOD.L') // 'VOD.L'
 */
export function yahooSymbol(symbol: string): string {
  return symbol.replace(/\.([ABC])$/, '-$1')
}
