/**
 * A provider's name of a member in snake_case: `lastPriceUSD` is `last_price_usd`, `05. Prix fermé` is `prix_ferme`. Empty for
 * a name without letters and digits of ASCII.
 */
export function snakeCase(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replace(/^\d+\.\s+/, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .toLowerCase()
}

/** A place as text: `data.items`. A point within a name is written `\.`. */
export function placeText(names: readonly string[]): string {
  return names.map((name) => name.replaceAll('.', '\\.')).join('.')
}

/** The place of a member, below a place or at the top. */
export function placeBelow(place: string, name: string): string {
  return place === '' ? placeText([name]) : `${place}.${placeText([name])}`
}

/** The names of a place that is written as {@link placeText} does. */
export function placeNames(text: string): string[] {
  return text.split(/(?<!\\)\./).map((name) => name.replaceAll('\\.', '.'))
}

const hasWord = (words: string) => new RegExp(`(?:^|_)(?:${words})(?:_|$)`)

const TIME = hasWord(
  'time|timestamp|ts|at|date|datetime|updated|update|created|modified|expires|expiry|start|end|since|until|epoch|as_of',
)
/** A time of the data themselves: of an update, or without another event in its name. */
const OWN_TIME =
  /^(?:(?:server|quote|trade|event|data|last|close|current|record)_)*(?:time|timestamp|ts|date|datetime|at)(?:_(?:ms|s|utc|iso))?$|updated?|as_of|modified|refreshed|published|generated|observed/
const QUANTITY = hasWord('price|volume|amount|cap|supply|value|qty|quantity|balance|rate|size')
const COUNT = hasWord(
  'count|counts|number|num|rank|trades|decimals|height|block|days|hours|age|level|users|holders|markets|n',
)
const ID = hasWord('id|ids|uuid|hash|code|nonce|sequence|seq')
const SYMBOL = hasWord('symbol|ticker|pair|instrument|market|asset|currency|coin|base|quote|code|id|ids|uuid')

/** What the name of a member suggests, in snake_case. Values decide first; a name decides between meanings that they allow. */
export const suggests = {
  time: (name: string) => TIME.test(name),
  /** A time at which the data were current, not that of another event. */
  ownTime: (name: string) => OWN_TIME.test(name),
  quantity: (name: string) => QUANTITY.test(name),
  count: (name: string) => COUNT.test(name),
  id: (name: string) => ID.test(name),
  symbol: (name: string) => SYMBOL.test(name),
} as const
