import { useSignal } from '@preact/signals'

/** A text with a button that copies it. */
export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const result = useSignal('')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      result.value = 'Copied'
    } catch {
      // browsers refuse it without a secure origin or the permission: the text can still be selected
      result.value = 'The browser does not allow copying: select the text'
    }
  }
  return (
    <figure>
      <figcaption>
        {label}{' '}
        <button type="button" class="small" onClick={copy}>
          Copy
        </button>{' '}
        <span role="status">{result.value}</span>
      </figcaption>
      <pre tabIndex={0}>{text}</pre>
    </figure>
  )
}
