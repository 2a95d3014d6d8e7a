import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { jobs } from '#functions/jobs/declared.ts'
import { completionScript, completions, jobIds, SHELLS } from '#infra/cli/completion.ts'
import { freshetProgram } from '#infra/cli/program.ts'

const program = freshetProgram({})
const complete = (...words: readonly string[]) =>
  completions(program, words, async () => ['hama', 'funding-rates'])

describe('a command line is completed', () => {
  it('with commands, also those of a group', async () => {
    expect(await complete('ex')).toEqual(['explain'])
    expect(await complete('')).toEqual(expect.arrayContaining(['jobs', 'plan', 'dlq', 'smoke', 'completion']))
    expect(await complete('dlq', '')).toEqual(['list', 'redrive'])
  })

  it('with the options of the command and of all commands', async () => {
    expect(await complete('trigger', 'hama', '--')).toEqual(
      expect.arrayContaining(['--wait', '--key', '--json', '--stage', '--help']),
    )
    expect(await complete('jobs', '--wa')).toEqual([])
  })

  it.each([
    [['explain', '']],
    [['--json', 'trigger', '']],
    [['--url', 'http://127.0.0.1:9', 'pause', '']],
    [['audit', '--job', '']],
    [['purge', 'hama', '--confirm', '']],
  ])('with jobs after %j', async (words) => {
    expect(await complete(...words)).toEqual(['hama', 'funding-rates'])
  })

  it.each([[['explain', 'hama', '']], [['get', '']], [['trigger', 'hama', '--reason', '']], [['run', '']]])(
    'with nothing after %j, where any text may follow',
    async (words) => {
      expect(await complete(...words)).toEqual([])
    },
  )

  it('with the jobs of the checkout, which are those of the registry', async () => {
    expect(await jobIds()).toEqual(jobs.map(({ id }) => id).sort())
  })
})

describe('the script of a shell', () => {
  it.each(SHELLS)('of %s asks the command line for the words', (shell) => {
    expect(completionScript(shell)).toContain('freshet completion words --')
  })

  it('of bash completes a job', () => {
    const script = `freshet() { local IFS=" "; [ "$*" = "completion words -- explain ha" ] && echo hama; }
${completionScript('bash')}
COMP_WORDS=(freshet explain ha) COMP_CWORD=2
_freshet
echo "\${COMPREPLY[@]}"`

    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe('hama\n')
  })

  it('does not exist for an unknown shell', () => {
    expect(completionScript('toString')).toBeUndefined()
  })
})
