import { readFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { brotliCompress, constants } from 'node:zlib'
import { build, type Plugin } from 'esbuild'

/** One file of the page: its name, which contains a hash of its content, and its bytes, compressed with brotli. */
export interface PageFile {
  readonly name: string
  readonly compressed: Uint8Array
}

const ENTRY = 'functions/page/main.tsx'
const INDEX = 'functions/page/index.html'

/**
 * Builds the page for browsers: modules and styles with a hash in their names, and the index that names them. What a view
 * alone needs is a module of its own, which the browser loads with that view.
 *
 * @param root - the project
 * @throws when a source cannot be resolved or parsed, with esbuild's messages
 */
export async function buildPage(root: string): Promise<readonly PageFile[]> {
  const outdir = resolve(root, 'dist/ui')
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [ENTRY],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    entryNames: '[name].[hash]',
    chunkNames: 'view.[hash]',
    plugins: [sassPlugin],
    metafile: true,
    write: false,
    logLevel: 'silent',
  })
  const entry = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === ENTRY)
  if (!entry) throw new Error(`expected esbuild to build ${ENTRY}`)
  const [script, { cssBundle }] = entry
  if (cssBundle === undefined) throw new Error(`expected ${ENTRY} to import a style sheet, got none`)
  const template = await readFile(join(root, INDEX), 'utf8')
  const index = template
    .replace('{script}', `/ui/${basename(script)}`)
    .replace('{style}', `/ui/${basename(cssBundle)}`)
  const files = [
    { name: 'index.html', content: Buffer.from(index) },
    ...outputFiles.map(({ path, contents }) => ({
      name: relative(outdir, path),
      content: Buffer.from(contents),
    })),
  ]
  return Promise.all(
    files.map(async ({ name, content }) => ({ name, compressed: await compressText(content) })),
  )
}

/** Style sheets in Sass: they choose the parts of Pico that the page uses. */
const sassPlugin: Plugin = {
  name: 'sass',
  setup({ onLoad }) {
    onLoad({ filter: /\.scss$/ }, async ({ path }) => {
      const { compile, NodePackageImporter } = await import('sass')
      const importers = [new NodePackageImporter(dirname(path))]
      const { css, loadedUrls } = compile(path, { style: 'compressed', importers, quietDeps: true })
      return { contents: css, loader: 'css', watchFiles: loadedUrls.map((url) => fileURLToPath(url)) }
    })
  },
}

function compressText(content: Uint8Array): Promise<Uint8Array> {
  return promisify(brotliCompress)(content, {
    params: { [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT },
  })
}
