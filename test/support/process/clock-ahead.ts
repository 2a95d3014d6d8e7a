/*
 * Sets the clock of the process that is started with `--import` of this file, and of its workers, ahead by `?ms=` of
 * its address. What is timed takes as long as ever.
 */

const ahead = Number(new URL(import.meta.url).searchParams.get('ms'))
if (!Number.isSafeInteger(ahead))
  throw new TypeError(`expected ?ms= in whole milliseconds, got ${import.meta.url}`)

const { now } = Date
Date.now = () => now() + ahead
globalThis.Date = new Proxy(Date, {
  construct: (target, parameters, newTarget) =>
    Reflect.construct(target, parameters.length === 0 ? [Date.now()] : parameters, newTarget),
})
