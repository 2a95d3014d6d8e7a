import { baseUrl } from '#shared/declare/base-urls.ts'
import { count, flag, type SettingValues, secretName, text } from '#shared/declare/settings.ts'

/** Settings of the provider of summaries. The job that uses it has them too, so that its `off` can depend on them. */
export const SUMMARY_SETTINGS = {
  ENABLE_AI_SUMMARIES: flag(false, {
    about: 'let a language model describe stored figures; if false, none is sent',
  }),
  AI_SUMMARY_URL: baseUrl({
    about: 'address of a chat completions API, without /chat/completions; required for summaries',
  }),
  AI_SUMMARY_MODEL: text({
    pattern: '[\\w.:/@-]{1,100}',
    rule: '1 to 100 letters, digits, . : / @ _ and -',
    about: 'name of the model at that address; required for summaries',
  }),
  AI_SUMMARY_KEY_PARAMETER: secretName({
    about: 'SSM parameter of the key for that address; required for summaries',
  }),
  AI_SUMMARY_DAILY_QUOTA: count(100, {
    unit: 'calls',
    max: 10_000,
    about: 'calls to the model a day (UTC); scheduled runs use nine tenths of them',
  }),
} as const

const REQUIRED = ['AI_SUMMARY_URL', 'AI_SUMMARY_MODEL', 'AI_SUMMARY_KEY_PARAMETER'] as const

/** Why no summary is requested under some settings; `undefined` if they are. */
export function summariesOff(settings: SettingValues<typeof SUMMARY_SETTINGS>): string | undefined {
  if (!settings.ENABLE_AI_SUMMARIES) return 'ENABLE_AI_SUMMARIES is false'
  const missing = REQUIRED.filter((name) => settings[name] === undefined)
  if (missing.length === 0) return undefined
  const names = missing.join(', ').replace(/, (\w+)$/, ' and $1')
  return `${names} ${missing.length === 1 ? 'is' : 'are'} not set`
}
