import { execFileSync } from 'node:child_process'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

/** Prints the address of each module that is loaded, as it is loaded. */
const HOOK = `import { registerHooks } from 'node:module'
import { writeSync } from 'node:fs'
registerHooks({ load(url, context, next) { writeSync(2, 'LOADED ' + url + '\\n'); return next(url, context) } })`

/** The files and packages that a command line loads, without Node's own modules. */
function loadedBy(...args: readonly string[]): readonly string[] {
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`
  const script = `exec "$0" "$@" 2>&1 >/dev/null`
  const output = execFileSync(
    'sh',
    ['-c', script, process.execPath, '--import', hook, 'infra/cli/freshet.mjs', ...args],
    { encoding: 'utf8' },
  )
  const urls = [...output.matchAll(/^LOADED (.*)$/gm)].map(([, url = '']) => url)
  return urls
    .filter((url) => url.startsWith('file:'))
    .map((url) => relative(process.cwd(), fileURLToPath(url)))
    .map((path) => path.replace(/^.*node_modules\/((?:@[^/]+\/)?[^/]+)\/.*/, '$1'))
}

test.each(['--version', '--help'])(
  'freshet %s loads its commands and nothing that sends a request',
  (option) => {
    const loaded = [...new Set(loadedBy(option))]

    const others = loaded.filter(
      (path) => !/^(?:infra\/cli\/(?:commands\/)?[^/]+|shared\/domain\/[^/]+)$/.test(path),
    )
    expect(others.sort()).toEqual(['commander', 'package.json'])
    expect(loaded).not.toContain('infra/cli/api.ts')
    expect(loaded.length).toBeLessThanOrEqual(27)
  },
)
