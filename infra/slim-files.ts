import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Plugin } from 'esbuild'

const SDK_SHA256 = /\/Sha256Js$/
const CLIENT_PACKAGE = /node_modules[\\/]@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/

const JOB_DECLARATION = /[\\/]functions[\\/]jobs[\\/][^\\/]+[\\/]job\.ts$/

/** What is said of a setting, a path or a parameter: for the OpenAPI document and the reference pages, made before. */
const ABOUT_TEXT = /\babout: (?:'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/g

/**
 * Replaces what an alias cannot name, because the SDK imports it from its neighbour: its own SHA-256, and the
 * `package.json` of a client, of which it wants the version. Leaves out the sentences of declarations, which no function
 * reads.
 */
export const bundleSizePlugin: Plugin = {
  name: 'slim-files',
  setup(build) {
    const { absWorkingDir: root = '.' } = build.initialOptions
    build.onResolve({ filter: SDK_SHA256 }, () => ({ path: resolve(root, 'infra/slim-sha256.ts') }))
    build.onLoad({ filter: CLIENT_PACKAGE }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as { version: string }
      return { contents: JSON.stringify({ version }), loader: 'json' }
    })
    build.onLoad({ filter: JOB_DECLARATION }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      return { contents: source.replace(ABOUT_TEXT, "about: '-'"), loader: 'ts' }
    })
  },
}
