import { readdir } from 'node:fs/promises'
import type { Command, Option } from 'commander'

const SCRIPTS = {
  bash: `_freshet() {
  local IFS=$'\\n'
  COMPREPLY=($(freshet completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -F _freshet freshet`,
  zsh: `#compdef freshet
_freshet() {
  local -a candidates
  candidates=("\${(@f)$(freshet completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a candidates
}
compdef _freshet freshet`,
  fish: `complete -c freshet -f -a '(freshet completion words -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)'`,
} as const

/** The shells with a script. */
export const SHELLS = Object.keys(SCRIPTS)

/** The script by which a shell completes; `undefined` for an unknown shell. It asks the command line for the words. */
export function completionScript(shell: string): string | undefined {
  return Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell as keyof typeof SCRIPTS] : undefined
}

/** The jobs of this checkout, by the names of their folders: a fraction of a millisecond, where loading them takes half a second. */
export async function jobIds(): Promise<readonly string[]> {
  const entries = await readdir(new URL('../../functions/jobs/', import.meta.url), { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
}

/**
 * What may follow on a command line: commands, options, or job ids.
 *
 * @param words - behind `freshet`; the last one is the beginning of the word that is completed, and may be empty
 * @param jobs - called only where a job may follow
 */
export async function completions(
  program: Command,
  words: readonly string[],
  jobs: () => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const { command, argument, option } = positionOf(program, words.slice(0, -1))
  const begin = words.at(-1) ?? ''
  const all = option ? valuesOf(option, jobs) : begin.startsWith('-') ? optionsOf(command) : follow()
  return (await all).filter((word) => word.startsWith(begin))

  function follow() {
    if (command.commands.length > 0) return command.commands.map((each) => each.name())
    return command.registeredArguments[argument]?.name() === 'job' ? jobs() : []
  }
}

interface Position {
  readonly command: Command
  /** Index of the argument that is next. */
  readonly argument: number
  /** The option whose value is next. */
  readonly option: Option | undefined
}

function positionOf(program: Command, words: readonly string[]): Position {
  let command = program
  let argument = 0
  let option: Option | undefined
  for (const word of words) {
    if (option) option = undefined
    else if (word.startsWith('-')) option = optionNamed(word, command)
    else {
      const next = command.commands.find((each) => each.name() === word)
      if (next) command = next
      else argument += 1
    }
  }
  return { command, argument, option }
}

/** The option of a word, if its value is a word of its own. */
function optionNamed(word: string, command: Command): Option | undefined {
  const option = withGlobal(command).find(({ short, long }) => word === long || word === short)
  return option?.required ? option : undefined
}

function withGlobal(command: Command): readonly Option[] {
  return command.parent ? [...command.options, ...withGlobal(command.parent)] : command.options
}

function optionsOf(command: Command): readonly string[] {
  return [...withGlobal(command).flatMap(({ long }) => long ?? []), '--help']
}

function valuesOf({ long }: Option, jobs: () => Promise<readonly string[]>) {
  return long === '--job' || long === '--confirm' ? jobs() : []
}
