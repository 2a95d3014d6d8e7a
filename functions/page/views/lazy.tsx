import type { ComponentType } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { asError } from '../data/live.ts'
import { Failure } from '../parts/failure.tsx'

interface LazyProps<P> {
  /** Has to be the same function in every rendering. */
  readonly load: () => Promise<ComponentType<P>>
  readonly input: P
}

/** A view that the browser loads when it is first shown. */
export function Lazy<P extends object>({ load, input }: LazyProps<P>) {
  const [view, setView] = useState<{ readonly component?: ComponentType<P>; readonly error?: Error }>({})
  useEffect(() => {
    let isCurrent = true
    load().then(
      (component) => isCurrent && setView({ component }),
      (error: unknown) => isCurrent && setView({ error: unloadable(error) }),
    )
    return () => {
      isCurrent = false
    }
  }, [load])
  const { component: Component, error } = view
  if (error) return <Failure error={error} />
  return Component ? <Component {...input} /> : <p aria-busy="true">The view is loading</p>
}

/** A new version of the page has other files, so that an open page of the former version cannot load more of its own. */
function unloadable(error: unknown): Error {
  return new Error(
    `This part of the page cannot be loaded: ${asError(error).message}. Reload the page: there may be a new version.`,
  )
}
