import { mkdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { transform } from 'esbuild'
import { replaceFile } from './bundle.ts'

const SOURCE = resolve(import.meta.dirname, '../../shared/client')

/** The modules of the client; those that are types alone have no JavaScript. */
const MODULES = [
  { name: 'client', isRuntime: true },
  { name: 'generated/operations', isRuntime: false },
  { name: 'generated/types', isRuntime: false },
]

/**
 * Writes the client as apps import it: JavaScript without dependencies for browsers and Node, and its declarations.
 *
 * @param directory - absolute; its files are replaced
 * @throws {Error} for a source whose declarations need the types of another module
 */
export async function writeClientPackage(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const { name, isRuntime } of MODULES) {
    const source = await readFile(join(SOURCE, `${name}.ts`), 'utf8')
    await replaceFile(join(directory, `${name}.d.ts`), await declarationsOf(source, name), directory)
    if (!isRuntime) continue
    const { code } = await transform(source, { loader: 'ts', format: 'esm', target: 'es2022' })
    await replaceFile(join(directory, `${name}.js`), code, directory)
  }
}

/** The declarations of one module. Apps resolve the modules beside it by the names of their JavaScript. */
async function declarationsOf(source: string, name: string): Promise<string> {
  // only where it is needed: loading it takes half a second
  const { default: ts } = await import('typescript')
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(source, {
    fileName: `${name}.ts`,
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext },
  })
  const [fault] = diagnostics
  if (fault) throw new Error(`${name}.ts: ${ts.flattenDiagnosticMessageText(fault.messageText, ' ')}`)
  return outputText
    .replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'")
    .replaceAll(/(from "\.[^"]*)\.ts"/g, '$1.js"')
}
