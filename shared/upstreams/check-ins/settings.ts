import { count, flag, type SettingValues, secretName, text } from '#shared/declare/settings.ts'

/*
 * The settings of the check-in provider, apart from the provider: every function that reads the declarations of jobs has
 * them, and none of those calls a provider. The intervals are settings of the jobs.
 */

/** Headers that the HTTP client sets itself. */
const OWN_HEADERS =
  'accept|accept-encoding|connection|content-length|content-type|host|transfer-encoding|user-agent|x-request-id'

/** Settings of the check-in provider. A job that uses it has them too, so that its `off` can depend on them. */
export const CHECK_IN_SETTINGS = {
  CHECKINS_ENABLED: flag(false, {
    about: 'refresh the check-in projects of a group; if false, the check-in provider is not called',
  }),
  CHECKINS_TOKEN_PARAMETER: secretName({
    about:
      'SSM parameter of the token of a member of the group; without it, the check-in provider is not called',
  }),
  CHECKINS_GROUP_ID: text({
    pattern: '[0-9]{1,20}',
    rule: '1 to 20 digits',
    about: 'the group whose check-in projects are refreshed; without it, the check-in provider is not called',
  }),
  CHECKINS_TERMS_ACKNOWLEDGED: flag(false, {
    about:
      'acknowledge that the check-in provider discourages unofficial clients, and that the data are about members of the group; if false, it is not called',
  }),
  CHECKINS_AUTH_HEADER: text({
    pattern: `(?!(?:${OWN_HEADERS})$)[a-z][a-z0-9-]{0,49}`,
    fallback: 'authorization',
    rule: 'the name of a header in lower case, other than those of the HTTP client',
    about: 'header that carries the token',
  }),
  CHECKINS_KEY_PREFIX: text({
    pattern: '[a-z0-9-]{1,20}',
    fallback: 'zsxq',
    rule: '1 to 20 lower-case letters, digits and -',
    about: 'beginning of all keys of the check-in data; instances of different prefixes share no data',
  }),
  CHECKINS_MAX_PROJECTS: count(5, {
    unit: 'projects',
    max: 50,
    about: 'ongoing projects that are refreshed, the first ones of the list',
  }),
  CHECKINS_MIN_SPACING_MS: count(3_000, {
    unit: 'milliseconds',
    min: 1_000,
    max: 60_000,
    about: 'least time between the starts of two calls to the check-in provider',
  }),
  CHECKINS_CONTACT: text({
    pattern: '[^\\x00-\\x1f\\x7f]{0,200}',
    fallback: '',
    rule: 'at most 200 characters, none of them a control character',
    about: 'whom readers can contact when the provider refuses the token, shown in that 503 answer',
  }),
} as const

const REQUIRED = ['CHECKINS_TOKEN_PARAMETER', 'CHECKINS_GROUP_ID'] as const

/** Why the check-in provider is not called under some settings; `undefined` if it is. */
export function checkInsOff(
  settings: Pick<
    SettingValues<typeof CHECK_IN_SETTINGS>,
    'CHECKINS_ENABLED' | 'CHECKINS_TERMS_ACKNOWLEDGED' | (typeof REQUIRED)[number]
  >,
): string | undefined {
  if (!settings.CHECKINS_ENABLED) return 'CHECKINS_ENABLED is false'
  const missing = REQUIRED.find((name) => settings[name] === undefined)
  if (missing !== undefined) return `${missing} is not set`
  return settings.CHECKINS_TERMS_ACKNOWLEDGED ? undefined : 'CHECKINS_TERMS_ACKNOWLEDGED is false'
}
