/** The imports of a generated file. */
export class Imports {
  readonly #names = new Map<string, Set<string>>()
  readonly #namespaces = new Map<string, string>()

  /** Adds names of a module; `type Row` for a type. */
  add(module: string, ...names: readonly string[]): void {
    const present = this.#names.get(module) ?? new Set()
    for (const name of names) present.add(name)
    this.#names.set(module, present)
  }

  /** Adds a module as a namespace. */
  addAll(module: string, name: string): void {
    this.#namespaces.set(module, name)
  }

  /** The statements; the formatter orders and breaks them. */
  text(): string {
    const all = [...this.#namespaces].map(([module, name]) => `import * as ${name} from '${module}'`)
    const named = [...this.#names].map(([module, names]) => {
      const list = [...names]
      const areTypes = list.every((name) => name.startsWith('type '))
      return areTypes
        ? `import type { ${list.map((name) => name.slice('type '.length)).join(', ')} } from '${module}'`
        : `import { ${list.join(', ')} } from '${module}'`
    })
    return [...all, ...named].join('\n')
  }
}

/** A member of an object: `price`, `'24h_change'`. */
export function property(name: string): string {
  return isIdentifier(name) ? name : literal(name)
}

/** A member of an object whose value is a variable: `symbol: name`, or `name` alone. */
export function renamed(name: string, variable: string): string {
  return name === variable ? name : `${property(name)}: ${variable}`
}

/** A member of an expression: `row.price`, `row['24h_change']`. */
export function access(object: string, name: string): string {
  return isIdentifier(name) ? `${object}.${name}` : `${object}[${literal(name)}]`
}

function isIdentifier(name: string): boolean {
  return /^[A-Za-z_]\w*$/.test(name)
}

/** A text as a literal. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`
}

/** A number as a literal: `1e7`, `100_000`, `0.001`. */
export function numberCode(value: number): string {
  const magnitude = Math.abs(value)
  const isPowerOfTen = magnitude >= 1e6 && Number.isInteger(Math.log10(magnitude))
  if (isPowerOfTen) return `${value < 0 ? '-' : ''}1e${Math.round(Math.log10(magnitude))}`
  if (!Number.isInteger(value) || magnitude >= 1e21) return String(value)
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, '_')
}

/** A member at a place below an expression: `body.data.items`. */
export function accessAt(object: string, place: readonly string[]): string {
  return place.reduce(access, object)
}
