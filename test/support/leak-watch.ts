import { SIMULATED_KEY } from '#infra/local/data/secrets.ts'

const CONTEXT_CHARACTERS = 60

/** Looks for secrets in everything that comes out of a system (I10): the providers' keys, and what else it is told of. */
export function secretScanner() {
  const secrets = new Set([SIMULATED_KEY])
  const leaks: string[] = []
  return {
    /** From then on this is one, too. */
    knows: (secret: string) => {
      secrets.add(secret)
    },
    onText: (text: string) => {
      for (const secret of secrets) {
        const at = text.indexOf(secret)
        if (at >= 0)
          leaks.push(
            `I10 expected no secret, got one after ${text.slice(Math.max(0, at - CONTEXT_CHARACTERS), at)}`,
          )
      }
    },
    found: (): readonly string[] => leaks,
  }
}
