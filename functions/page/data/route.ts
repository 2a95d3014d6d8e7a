import { signal } from '@preact/signals'
import { pageRoute } from './page-route.ts'

/** The current view. */
export const route = signal(pageRoute(location.hash))

addEventListener('hashchange', () => {
  route.value = pageRoute(location.hash)
  window.scrollTo(0, 0)
  document.querySelector<HTMLElement>('h1')?.focus()
})
