/** What lines of the local console tell, each in its first group. */
const LINE_PATTERNS = {
  /** Of which job a run was, and how it ended. */
  outcome:
    /^\S{8} {2}([a-z-]+ {2}(?:succeeded|unchanged|partial|failed|skipped|abandoned|missed)(?: \([a-z-]+\))?)/,
  /** What happened to a call to a stand-in, without its particulars. */
  call: /^\S{8} {2}[a-z-]+ {2}call \d+: ([^:,]+)/,
  /** What goes wrong around functions, and what they warn of; a tick that came while nothing ran is missed rightly. */
  alarm:
    /^\S{8} {2}(dead letter: .*|HTTP API: .*|expiry: .*|[a-z-]+ {2}(?:WARN|ERROR|CRITICAL) {2}(?!.*(?:ticks were missed|: [a-z-]+ (?:begins|is over)|: (?:\S+|\d+ keys) failed \(| a settlement \(|Funding rates come from)).*)/,
  /** Of the provider that is asked the least. */
  number: /^\S{8} {2}coingecko {2}call (\d+):/,
} as const

/** What the lines of one kind tell, in order. */
export function consoleMatches(texts: readonly string[], kind: keyof typeof LINE_PATTERNS): string[] {
  return texts
    .flatMap((text) => text.split('\n'))
    .flatMap((line) => LINE_PATTERNS[kind].exec(line)?.[1] ?? [])
}

/** The number of the call that goes on where the calls so far have ended. */
export function nextCall(texts: readonly string[], firstCall: number): number {
  return Math.max(firstCall, ...consoleMatches(texts, 'number').map((call) => Number(call) + 1))
}
