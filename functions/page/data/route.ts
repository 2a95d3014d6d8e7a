import { signal } from '@preact/signals'
import { pageRoute } from './page-route.ts'

/** The current view. */
export const route = signal(pageRoute(location.hash))

let changes = 0

/** Whether the view has changed since the page was opened. */
export function hasNavigated(): boolean {
  return changes > 0
}

addEventListener('hashchange', () => {
  changes += 1
  route.value = pageRoute(location.hash)
  window.scrollTo(0, 0)
})
