import { assertNever } from '#shared/domain/errors.ts'
import { type CauseCode, type Line, timeText } from './explanation.ts'
import { type CauseCheck, type JobBlock, jobBlock } from './situation.ts'

/** All providers of the job are blocked: what blocks the one that can be called first. */
export const blocked: CauseCheck = (situation) => {
  const block = jobBlock(situation, situation.now)
  return block && blockCause(block)
}

function blockCause({ upstream, state, block }: JobBlock): Line<CauseCode> {
  const { title, breaker } = upstream
  switch (block.kind) {
    case 'off':
      return { code: 'upstream-off', text: `${title} is off, by its settings`, details: block.off }
    case 'cool-down': {
      const { since, reason, message } = block.coolDown
      const from = since === undefined ? '' : ` since ${timeText(since)}`
      const text = `${title} is in a cool-down${from} until ${timeText(block.until)}, because of an answer (${reason})`
      return { code: 'cool-down', text, ...(message === undefined ? {} : { details: message }) }
    }
    case 'full-minute':
      return {
        code: 'full-minute',
        text: `${title} counts ${block.used} in its current minute and is not called until ${timeText(block.until)}`,
      }
    case 'quota':
      return {
        code: 'quota-exhausted',
        text: `The ${block.limit} calls a ${block.span} of ${title} that scheduled runs may use are spent; they are renewed at ${timeText(block.until)}`,
      }
    case 'circuit':
    case 'probe': {
      const { openUntil, failures } = state.breaker
      const since = openUntil === undefined ? '' : ` since ${timeText(openUntil - breaker.coolDownMs)}`
      const until = block.kind === 'probe' ? '' : ` until ${timeText(block.until)}`
      const text = `The circuit of ${title} is open${since}${until}, because ${failures} runs failed by its fault`
      return { code: 'circuit-open', text }
    }
    default:
      return assertNever(block)
  }
}
