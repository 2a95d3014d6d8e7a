import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { hasNavigated } from '../data/route.ts'

/** The heading of a view, which names the tab too. After a change of the view it has the focus, so that a keyboard and a reader of screens go on there. */
export function Heading({ children }: { readonly children: ComponentChildren }) {
  const element = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${element.current?.firstChild?.textContent ?? ''} | Freshet`
    if (hasNavigated()) element.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 tabIndex={-1} ref={element}>
      {children}
    </h1>
  )
}
