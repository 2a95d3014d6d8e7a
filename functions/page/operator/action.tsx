import { useSignal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { asError } from '../data/live.ts'
import { Failure } from '../parts/failure.tsx'

interface ActionProps {
  readonly title: string
  /** Changes something, and reports it: the form itself may be gone afterwards. */
  readonly onSubmit: (form: FormData) => Promise<void>
  readonly children?: ComponentChildren
}

/** A change by an operator: a form with a reason, and an error in the API's own words. */
export function Action({ title, onSubmit, children }: ActionProps) {
  const isBusy = useSignal(false)
  const error = useSignal<Error | undefined>(undefined)
  const submit = async (form: HTMLFormElement) => {
    isBusy.value = true
    error.value = undefined
    try {
      await onSubmit(new FormData(form))
      form.reset()
    } catch (thrown) {
      error.value = asError(thrown)
    } finally {
      isBusy.value = false
    }
  }
  return (
    <details>
      <summary>{title}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void submit(event.currentTarget)
        }}
      >
        {children}
        <label>
          Reason
          <input name="reason" required maxLength={200} />
          <small>The audit keeps it.</small>
        </label>
        <button type="submit" aria-busy={isBusy.value} disabled={isBusy.value}>
          {title}
        </button>
        <Failure error={error.value} />
      </form>
    </details>
  )
}

/** The text of a field; empty if the form has none. */
export function textOf(form: FormData, name: string): string {
  const value = form.get(name)
  return typeof value === 'string' ? value.trim() : ''
}
