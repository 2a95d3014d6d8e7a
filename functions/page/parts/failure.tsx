/** An error in the API's own words; what was loaded before stays beside it. */
export function Failure({ error }: { readonly error: Error | undefined }) {
  return error ? (
    <p class="failure" role="alert">
      {error.message}
    </p>
  ) : null
}
