/*
 * The words by which events are classified. Source: the specification of the macro system, section 5.6; the lists of regions
 * and industries are our own.
 */

import type { EventCategory } from './event-kinds.ts'

interface CategoryWords {
  readonly category: EventCategory
  /** Multiplies the impact of an event. */
  readonly factor: number
  readonly words: readonly string[]
}

/** In order of precedence: of two categories with the same weight the first one holds. */
export const CATEGORY_WORDS: readonly CategoryWords[] = [
  {
    category: 'WAR',
    factor: 2,
    words: [
      'war',
      'invasion',
      'airstrike',
      'air strike',
      'military strike',
      'missile',
      'troops',
      'shelling',
      'offensive',
      'ceasefire',
      '战争',
      '入侵',
      '空袭',
    ],
  },
  {
    category: 'TERRORISM',
    factor: 1.3,
    words: ['terror', 'terrorist', 'terrorism', 'hostage', 'suicide bomb', 'hijack', '恐怖'],
  },
  {
    category: 'ENERGY_CRISIS',
    factor: 1.8,
    words: [
      'oil',
      'opec',
      'gas supply',
      'pipeline',
      'crude',
      'energy crisis',
      'blackout',
      'refinery',
      '石油',
      '能源',
    ],
  },
  {
    category: 'TRADE_DISPUTE',
    factor: 1.5,
    words: [
      'tariff',
      'trade war',
      'trade dispute',
      'sanction',
      'embargo',
      'export ban',
      'export control',
      '关税',
      '制裁',
      '贸易',
    ],
  },
  {
    category: 'POLITICAL_UNREST',
    factor: 1.2,
    words: ['coup', 'protest', 'riot', 'uprising', 'unrest', 'martial law', 'impeachment', '政变', '抗议'],
  },
  {
    category: 'DIPLOMATIC_CRISIS',
    factor: 1,
    words: ['ambassador', 'embassy', 'summit', 'talks', 'treaty', 'diplomat', 'expel', 'negotiation', '外交'],
  },
]

/** Factor of an event of no category. */
export const OTHER_FACTOR = 0.8

/** Words of each severity, 1 to 10, the gravest first. */
export const SEVERITY_WORDS: readonly { readonly severity: number; readonly words: readonly string[] }[] = [
  { severity: 10, words: ['nuclear', 'world war', 'pandemic'] },
  { severity: 9, words: ['invasion', 'coup', 'major war'] },
  { severity: 8, words: ['military strike', 'airstrike', 'missile', 'sanction', 'embargo'] },
  { severity: 7, words: ['crisis', 'conflict', 'tension', 'attack'] },
  { severity: 5, words: ['dispute', 'protest', 'unrest', 'tariff'] },
  { severity: 3, words: ['negotiation', 'talks', 'meeting', 'summit'] },
]

/** A region that an event may affect. */
export type Region = 'Global' | 'US' | 'China' | 'Europe' | 'Middle East' | 'Asia'

/** Words that name a region. */
export const REGION_WORDS: Readonly<Record<Region, readonly string[]>> = {
  Global: ['global', 'worldwide'],
  US: ['united states', 'u.s.', 'usa', 'washington', 'white house'],
  China: ['china', 'chinese', 'beijing', '中国'],
  Europe: ['european union', 'europe', 'european', 'eurozone', 'brussels'],
  'Middle East': [
    'middle east',
    'iran',
    'iraq',
    'israel',
    'gaza',
    'saudi arabia',
    'syria',
    'yemen',
    'lebanon',
  ],
  Asia: ['asia', 'asian', 'japan', 'india', 'korea', 'taiwan', 'pakistan', 'philippines', 'vietnam'],
}

/** Points that the scope of an event adds to its impact, each once. */
export const SCOPE_POINTS: readonly { readonly points: number; readonly words: readonly string[] }[] = [
  { points: 30, words: REGION_WORDS.Global },
  { points: 25, words: [...REGION_WORDS.US, ...REGION_WORDS.China, ...REGION_WORDS.Europe] },
  { points: 20, words: ['oil'] },
  { points: 15, words: ['trade'] },
  { points: 15, words: ['bank', 'financial'] },
  { points: 10, words: ['currency', 'currencies'] },
  { points: 5, words: [...REGION_WORDS['Middle East'], ...REGION_WORDS.Asia] },
]

/** An industry that an event may affect. */
export type Industry = 'Energy' | 'Finance' | 'Technology' | 'Defense' | 'Agriculture'

/** Words that name an industry. */
export const INDUSTRY_WORDS: Readonly<Record<Industry, readonly string[]>> = {
  Energy: ['oil', 'gas', 'opec', 'crude', 'pipeline', 'refinery', 'energy', 'electricity'],
  Finance: ['bank', 'financial', 'currency', 'currencies', 'bond', 'stock market'],
  Technology: ['chip', 'semiconductor', 'technology', 'software', 'cyberattack'],
  Defense: ['military', 'missile', 'weapon', 'troops', 'defense', 'defence'],
  Agriculture: ['wheat', 'grain', 'crop', 'farm', 'farmer', 'agriculture', 'fertilizer'],
}
