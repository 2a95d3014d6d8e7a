import type { Command } from 'commander'

/** `docs/cli.md`: every command with its arguments and options. */
export function cliPage(program: Command): string {
  return `# Command line

\`npx freshet\` operates a running system: the one that \`npm start\` runs on this machine, whose token it finds by itself, or a
deployment (\`--url\`, or \`FRESHET_URL\`), with the AWS credentials of the environment or \`--token\`. Tables are for people, \`--json\` for programs.

\`\`\`sh
npx freshet jobs
npx freshet explain hama BTCUSDT
npx freshet pause hama --for 2h --reason "the exchange is down for maintenance"
npx freshet trigger hama --wait
\`\`\`

| exit code | meaning |
|---|---|
| 0 | done; \`explain\`: the data are fresh |
| 1 | the request was refused, the system does not answer, or the run of \`trigger --wait\` has failed |
| 2 | an unknown command, a wrong option or argument |
| 10 | \`explain\`: the data are stale |
| 11 | \`explain\`: the data are too old to be served, or were never published |

## Options of every command

${optionRows(program)}

${leaves(program).map(commandSection).join('\n\n')}
`
}

/** The commands that do something: a group is named before each of its own. */
function leaves(command: Command): readonly Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves)
}

/** `dlq list`: a command with its groups. */
function pathOf(command: Command): string {
  const isInGroup = command.parent?.parent !== null && command.parent !== null
  return isInGroup && command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

function commandSection(command: Command): string {
  const options = command.options.length === 0 ? '' : `\n\n${optionRows(command)}`
  const takes = command.registeredArguments.map((argument) =>
    argument.required ? `<${argument.name()}>` : `[${argument.name()}]`,
  )
  const usage = [pathOf(command), ...takes]
  return `## ${pathOf(command)}

\`freshet ${usage.join(' ')}\`: ${command.description()}.${options}`
}

function optionRows(command: Command): string {
  const rows = command.options.map(
    ({ flags, description, mandatory }) =>
      `| \`${flags}\` | ${description}${mandatory ? '; required' : ''} |`,
  )
  return ['| option | meaning |', '|---|---|', ...rows].join('\n')
}
