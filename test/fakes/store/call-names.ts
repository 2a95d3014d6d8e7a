/** A store that collects the names of the calls to it: each is at least one request to the table. */
export function withCallNames<T extends object>(store: T, calls: string[], prefix = ''): T {
  return new Proxy(store, {
    get: (target, name) => {
      const member = Reflect.get(target, name) as unknown
      const path = `${prefix}${String(name)}`
      if (typeof member === 'function')
        return (...all: unknown[]) => {
          calls.push(path)
          return member.apply(target, all)
        }
      return typeof member === 'object' && member !== null ? withCallNames(member, calls, `${path}.`) : member
    },
  })
}
