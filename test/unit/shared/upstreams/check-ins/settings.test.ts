import { describe, expect, it } from 'vitest'
import { settingValues } from '#shared/declare/settings.ts'
import { CHECK_IN_SETTINGS, checkInsOff } from '#shared/upstreams/check-ins/settings.ts'

const ON = {
  CHECKINS_ENABLED: 'true',
  CHECKINS_TOKEN_PARAMETER: '/check-ins/token',
  CHECKINS_GROUP_ID: '15555000000001',
  CHECKINS_TERMS_ACKNOWLEDGED: 'true',
}

const values = (texts: Record<string, string | undefined> = {}) => settingValues(CHECK_IN_SETTINGS, texts)

describe('the settings of the check-in provider', () => {
  it('have the documented defaults, under which it is off', () => {
    expect(values()).toEqual({
      CHECKINS_ENABLED: false,
      CHECKINS_TOKEN_PARAMETER: undefined,
      CHECKINS_GROUP_ID: undefined,
      CHECKINS_TERMS_ACKNOWLEDGED: false,
      CHECKINS_AUTH_HEADER: 'authorization',
      CHECKINS_KEY_PREFIX: 'zsxq',
      CHECKINS_MAX_PROJECTS: 5,
      CHECKINS_MIN_SPACING_MS: 3_000,
      CHECKINS_CONTACT: '',
    })
  })

  it.each([
    [{ ...ON, CHECKINS_ENABLED: 'false' }, 'CHECKINS_ENABLED is false'],
    [{ ...ON, CHECKINS_TOKEN_PARAMETER: undefined }, 'CHECKINS_TOKEN_PARAMETER is not set'],
    [{ ...ON, CHECKINS_GROUP_ID: undefined }, 'CHECKINS_GROUP_ID is not set'],
    [{ ...ON, CHECKINS_TERMS_ACKNOWLEDGED: 'false' }, 'CHECKINS_TERMS_ACKNOWLEDGED is false'],
    [ON, undefined],
  ])('under %j its reason to be off is %j', (texts, reason) => {
    expect(checkInsOff(values(texts))).toBe(reason)
  })

  it.each([
    ['CHECKINS_GROUP_ID', 'group-1', '1 to 20 digits'],
    ['CHECKINS_GROUP_ID', '', '1 to 20 digits'],
    ['CHECKINS_AUTH_HEADER', 'host', 'other than those of the HTTP client'],
    ['CHECKINS_AUTH_HEADER', 'X-Token', 'in lower case'],
    ['CHECKINS_KEY_PREFIX', 'zsxq:', '1 to 20 lower-case letters'],
    ['CHECKINS_MAX_PROJECTS', '51', '1 to 50 projects'],
    ['CHECKINS_MIN_SPACING_MS', '999', '1000 to 60000 milliseconds'],
    ['CHECKINS_CONTACT', 'a\nb', 'none of them a control character'],
  ])('%s is refused as %j, with the rule', (name, text, rule) => {
    expect(() => values({ [name]: text })).toThrow(rule)
  })

  it('accept another header for the token, and one that begins as a header of the client', () => {
    expect(values({ CHECKINS_AUTH_HEADER: 'x-token' }).CHECKINS_AUTH_HEADER).toBe('x-token')
    expect(values({ CHECKINS_AUTH_HEADER: 'host-token' }).CHECKINS_AUTH_HEADER).toBe('host-token')
  })
})
