import { expect, test } from 'vitest'
import { refusalHint } from '#infra/cli/refusal.ts'

const LOCAL = new URL('http://127.0.0.1:8787')
const REMOTE = new URL('https://abc.execute-api.eu-central-1.amazonaws.com')
const sign = async () => ({})

test.each([
  [
    'no token on this machine',
    LOCAL,
    'none',
    'Unauthorized',
    /^No token was found: run in the folder of npm start/,
  ],
  [
    'another token on this machine',
    LOCAL,
    'token',
    'Unauthorized',
    /^The token is not accepted: set FRESHET_DATA/,
  ],
  ['no credentials', REMOTE, 'none', 'Forbidden', /^No credentials: .*AWS_PROFILE/],
  [
    'an old token',
    REMOTE,
    'token',
    'The incoming token has expired',
    /^The token is not accepted: it has expired/,
  ],
  [
    'expired credentials',
    REMOTE,
    'aws',
    'The security token included in the request is expired',
    /sign in again/,
  ],
  [
    'a wrong clock',
    REMOTE,
    'aws',
    'Signature expired: 20261129T0810 is now earlier than',
    /^The clock of this/,
  ],
  [
    'another region',
    REMOTE,
    'aws',
    "Credential should be scoped to a valid region, not 'eu-west-1'",
    /--region/,
  ],
  ['no permission', REMOTE, 'aws', 'Forbidden', /OperatorsPolicyArn/],
] as const)('a refusal because of %s says what to do next', (_title, url, signedBy, reason, hint) => {
  const signer = signedBy === 'none' ? undefined : sign

  expect(refusalHint({ url, sign: signer, signedBy }, reason)).toMatch(hint)
})
