import { isSigned, setToken, token } from '../data/api.ts'

/** Takes the token of an operator, for this tab. The API decides whether it is valid. */
export function SignIn() {
  if (token.value !== '')
    return (
      <p>
        {isSigned ? 'Your requests are signed by the command line.' : 'You are signed in with a token.'}{' '}
        <button type="button" class="small" onClick={() => setToken('')}>
          Sign out
        </button>
      </p>
    )
  if (isSigned) return <p>To sign in, press Enter in the terminal of freshet ui and open its address.</p>
  return (
    <details>
      <summary>Operators</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          const value = new FormData(event.currentTarget).get('token')
          if (typeof value === 'string') setToken(value.trim())
        }}
      >
        <label>
          Token
          <input name="token" type="password" autocomplete="off" required />
          <small>
            That of <code>npm start</code>, or a token of the stage’s issuer. With IAM, run{' '}
            <code>npx freshet ui</code>.
          </small>
        </label>
        <button type="submit">Sign in</button>
      </form>
    </details>
  )
}
