import { computed, signal } from '@preact/signals'
import { createClient } from '#shared/client/client.ts'

const STORED_TOKEN = 'freshet-operator-token'

/** The operator's token; kept for this tab alone, and never sent to another origin. Empty for everyone else. */
export const token = signal(sessionStorage.getItem(STORED_TOKEN) ?? '')

/** Keeps the token for this tab; an empty one signs out. */
export function setToken(value: string): void {
  token.value = value
  if (value === '') sessionStorage.removeItem(STORED_TOKEN)
  else sessionStorage.setItem(STORED_TOKEN, value)
}

/** What the proxy that signs for an operator has written into the document: the secret of this tab's session, once. */
const { signed, session } = document.documentElement.dataset

/** Whether a proxy signs the requests of a tab that has a session; its secret is sent as a token. */
export const isSigned = signed === 'true'

if (session) {
  setToken(session)
  history.replaceState(null, '', `/${location.hash}`)
}

/** Whether requests carry an operator's credential. */
export const isOperator = computed(() => token.value !== '')

/** Headers of every request to this origin. */
export const credentials = computed(
  (): Readonly<Record<string, string>> =>
    token.value === '' ? {} : { authorization: `Bearer ${token.value}` },
)

/** The API of this origin, as the operator if there is a token. */
export const api = computed(() => createClient({ baseUrl: location.origin, headers: credentials.value }))
