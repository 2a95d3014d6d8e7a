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

/** Set by the proxy that signs for an operator: then every request is authorized without a token. */
const isSigned = document.documentElement.dataset['signed'] === 'true'

/** Whether requests carry an operator's credential. */
export const isOperator = computed(() => isSigned || token.value !== '')

/** The API of this origin, as the operator if there is a token. */
export const api = computed(() =>
  createClient({
    baseUrl: location.origin,
    ...(token.value === '' ? {} : { headers: { authorization: `Bearer ${token.value}` } }),
  }),
)
