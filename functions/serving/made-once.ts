/** Makes a value when it is first asked for, and again when the time until which it lasts has come. */
export function memoizeUntil<T>(make: (now: number) => { readonly value: T; readonly until: number }) {
  let made: { readonly value: T; readonly from: number; readonly until: number } | undefined
  return (now: number): T => {
    if (!made || now >= made.until || now < made.from) made = { ...make(now), from: now }
    return made.value
  }
}

/** Makes a value of another one, once for as long as that is the same. */
export function memoizeLast<From extends object, T>(make: (from: From) => T) {
  let made: { readonly from: From; readonly value: T } | undefined
  return (from: From): T => {
    if (made?.from !== from) made = { from, value: make(from) }
    return made.value
  }
}
