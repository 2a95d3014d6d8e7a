import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { freshetProgram } from '#infra/cli/program.ts'

/** A command line in a code span or at the beginning of a line of a code block; `#` and `|` end it. */
const IN_SPAN = /`(?:npx )?freshet ([^`]+)`/g
const IN_BLOCK = /^(?:npx )freshet ([^#|\n]+)/gm

/** The usage lines of docs/cli.md are made from the program, and have optional arguments in brackets. */
const PAGES = ['README.md', ...readdirSync('docs').map((name) => join('docs', name))].filter(
  (page) => page.endsWith('.md') && page !== 'docs/cli.md',
)

function commandsOf(page: string): readonly string[] {
  const text = readFileSync(page, 'utf8')
  return [...text.matchAll(IN_SPAN), ...text.matchAll(IN_BLOCK)].map(([, line = '']) => line.trim())
}

const lines = PAGES.flatMap((page) => commandsOf(page).map((line) => [line, page] as const))

/** The words of a line, as a shell splits it. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}

function leavesOf(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leavesOf)
}

/** Parses a line without doing anything. @throws what the program throws for a wrong command, option or argument */
async function parse(line: string): Promise<string> {
  const program = freshetProgram({})
  let parsed = ''
  for (const command of [program, ...leavesOf(program)]) command.configureOutput({ writeErr: () => {} })
  for (const command of leavesOf(program))
    command.action(() => {
      parsed = command.name()
    })
  await program.parseAsync(wordsOf(line), { from: 'user' })
  return parsed
}

describe('a command line in the documentation', () => {
  it.each(lines)('can be typed: freshet %s (%s)', async (line) => {
    expect(await parse(line)).not.toBe('')
  })

  it('is among the entries of the runbook, the guides and the README', () => {
    const pages = new Set(lines.map(([, page]) => page))

    expect([...pages]).toEqual(expect.arrayContaining(['README.md', 'docs/operate.md', 'docs/deploy.md']))
    expect(lines.length).toBeGreaterThan(40)
  })

  it.each(['jbos', 'trigger', 'pause hama --for 2h', 'dlq drive', 'jobs --waiting', 'explain a b c'])(
    'that is wrong is found: freshet %s',
    async (line) => {
      await expect(parse(line)).rejects.toThrow()
    },
  )
})
