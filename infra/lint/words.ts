import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import ts from 'typescript'

/**
 * Words that are refused as a part of a name that the project declares, of a file or of a folder, with what to write in
 * their place. The words to use are in `docs/glossary.md`.
 */
const REFUSED_PARTS: Readonly<Record<string, string>> = {
  anew: 'again, or what is repeated',
  aside: 'rejected',
  asides: 'rejected',
  asked: 'request, or what was requested',
  barred: 'blocked',
  found: 'item, stored, or what the value is',
  given: 'inputs, or what the value is',
  heed: 'startCoolDown, or honour',
  heeds: 'honours',
  held: 'lease, cacheEntry, or what is owned',
  known: 'cacheEntry, previous, or what the value is',
  ladder: 'readPath',
  look: 'read, get or poll',
  looked: 'read',
  looks: 'reads',
  made: 'created, or what the value is',
  nobody: 'the reader, the operator or the client',
  patience: 'timeout',
  refusals: 'rejections or errors',
  renewals: 'liveRefresh',
  said: 'logged, published, or what the value is',
  say: 'log or publish',
  says: 'logs or publishes',
  seen: 'observed, or what the value is',
  somebody: 'the reader, the operator or the client',
  standing: 'health or state',
  taken: 'lease, item, or what the value is',
  tell: 'publish, log or notify',
  tells: 'publishes, logs or notifies',
  thinned: 'intervalOverride',
  told: 'published, publicState or logFields',
  wanted: 'expected, requested, or what the value is',
  whoever: 'the reader, the operator or the client',
  witness: 'watchState',
}

/** Names that are refused as a whole: as a part of a longer name they can be right. */
const REFUSED_NAMES: Readonly<Record<string, string>> = {
  allOf: 'forEachKey',
  callsOf: 'quotaUsage',
  compositions: 'composedCache',
  edges: 'deliveryPolicy',
  endings: 'shutdown',
  idle: 'assertNotRunning',
  letters: 'dlqDepth',
  madeOnce: 'memoize',
  ofNow: 'uncachedResponse',
  oldestOf: 'mergeFreshness',
  recorded: 'simulated, or stored',
  runAnew: 'triggerAfterChange',
  shape: 'mode, view or submission',
  shapes: 'views or submissions',
  starts: 'runFrequency',
  FETCH_MS: 'FETCH_CUTOFF_MS',
  FINISH_MS: 'PUBLISH_CUTOFF_MS',
}

/** Terms of the field, of HTTP and of tests, and documented members, that contain a refused part. */
const ALLOWED_NAMES = /^(?:not[-_]?found\w*|\w*NotFound\w*|NOT_FOUND|given|when|then|seen_on)$/i

/** Words that are refused in comments, texts and documents. */
const REFUSED_PROSE =
  /\b(?:told|heed(?:s|ed)?|(?:kept|keeps?|keeping|set) aside|ladders?|whoever|nobody|somebody|unless said|anew|thinned|barred|so often|so long as it)\b/gi

/** One refused word, and where it stands. */
export interface Finding {
  readonly file: string
  readonly line: number
  readonly word: string
  readonly instead: string
}

/** What the lower-case parts of a name are: `heldUntilMs`, `held-until-ms` and `HELD_UNTIL_MS` have the same three. */
function partsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter(Boolean)
    .map((part) => part.toLowerCase())
}

/** What to write in place of a name; `undefined` for a name that may stay. */
export function refusedName(name: string): string | undefined {
  if (ALLOWED_NAMES.test(name)) return undefined
  if (Object.hasOwn(REFUSED_NAMES, name)) return REFUSED_NAMES[name]
  const part = partsOf(name).find((word) => Object.hasOwn(REFUSED_PARTS, word))
  return part === undefined ? undefined : REFUSED_PARTS[part]
}

/** Refused words in the path of a file: in its folders and in its own name. */
export function findingsInPath(file: string): readonly Finding[] {
  return file
    .split('/')
    .flatMap((segment) => segment.split('.').slice(0, 1))
    .flatMap((word) => {
      const instead =
        refusedName(word) ?? refusedName(word.replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase()))
      return instead === undefined ? [] : [{ file, line: 1, word, instead }]
    })
}

/** Refused words in the names that a TypeScript source declares; names that it only uses belong to others. */
export function findingsInNames(file: string, text: string): readonly Finding[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const findings: Finding[] = []
  const visit = (node: ts.Node): void => {
    const name = declaredName(node)
    const instead = name && refusedName(name.text)
    if (name && instead !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(name.getStart(source))
      findings.push({ file, line: line + 1, word: name.text, instead })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return findings
}

function declaredName(node: ts.Node): ts.Identifier | ts.StringLiteral | undefined {
  const declares =
    ts.isVariableDeclaration(node) ||
    ts.isBindingElement(node) ||
    ts.isParameter(node) ||
    ts.isFunctionDeclaration(node) ||
    ts.isClassDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodSignature(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isPropertyAssignment(node)
  if (!declares || node.name === undefined) return undefined
  const { name } = node
  return (ts.isIdentifier(name) || ts.isStringLiteral(name)) && /^[\w-]+$/.test(name.text) ? name : undefined
}

/** Refused words in running text: comments, messages and documents. */
export function findingsInProse(file: string, text: string): readonly Finding[] {
  return text.split('\n').flatMap((line, index) =>
    [...line.matchAll(REFUSED_PROSE)].map(([word]) => ({
      file,
      line: index + 1,
      word,
      instead: 'plain words, see docs/glossary.md',
    })),
  )
}

/** This file lists the words, and its test plants them. */
const EXEMPT = ['infra/lint/words.ts', 'test/unit/infra/lint/words.test.ts', 'docs/glossary.md']

if (import.meta.main) {
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { encoding: 'utf8' })
  const files = tracked
    .split('\n')
    .filter((file) => /\.(?:ts|tsx|md)$/.test(file) && !EXEMPT.includes(file) && existsSync(file))
  const findings = files.flatMap((file) => {
    const text = readFileSync(file, 'utf8')
    const names = file.endsWith('.md') ? [] : findingsInNames(file, text)
    return [...findingsInPath(file), ...names, ...findingsInProse(file, text)]
  })
  for (const { file, line, word, instead } of findings)
    console.error(`${file}:${line}: expected no "${word}"; write ${instead}`)
  if (findings.length > 0) process.exitCode = 1
}
