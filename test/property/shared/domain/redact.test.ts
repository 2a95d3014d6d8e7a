import fc from 'fast-check'
import { expect, it } from 'vitest'
import { excerpt, redactor } from '#shared/domain/redaction.ts'

/** Any UTF-16 units, unpaired surrogates included, with those that mean something to an escape more often. */
const anyText = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(
        ...'%\\"/+ \n&=:[]{}?.*()redact█0a',
        'key=',
        'cookie: ',
        '"authorization":"',
        '%25',
        '\\u005c',
      ),
    ),
    { maxLength: 60 },
  )
  .map((parts) => parts.join(''))

const anySecret = anyText.filter((text) => text.length >= 4)

const spellings: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  (secret) => encodeURIComponent(secret.toWellFormed()),
  (secret) => encodeURIComponent(secret.toWellFormed()).replaceAll('%20', '+'),
  (secret) => new URLSearchParams([['', secret]]).toString().slice(1),
  (secret) => JSON.stringify(secret).slice(1, -1),
  (secret) => JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/'),
]

it('no secret survives, in any spelling and any context', () => {
  fc.assert(
    fc.property(
      fc.array(anySecret, { minLength: 1, maxLength: 3 }),
      fc.array(anyText),
      (secrets, fillers) => {
        const canaries = secrets.flatMap((secret) => spellings.map((spell) => spell(secret)))
        const text = canaries
          .map((canary, index) => `${fillers[index] ?? ''}${canary}`)
          .join(fillers.at(-1) ?? '')

        const shown = redactor(secrets)(text)

        for (const canary of canaries) expect(shown).not.toContain(canary)
      },
    ),
  )
})

it('no value of a key parameter or header survives, whether or not it is a registered secret', () => {
  const names = fc.constantFrom(
    'api_key',
    'apikey',
    'apiKey',
    'token',
    'access_token',
    'key',
    'x_cg_pro_api_key',
  )
  const value = fc.uuid().map((id) => `canary ${id}/+"`)

  fc.assert(
    fc.property(names, value, fc.webQueryParameters(), (name, canary, rest) => {
      const query = new URLSearchParams({ a: '1', [name]: canary, z: '2' })

      const shown = redactor([])(`GET https://host.example/?${rest}&${query} failed`)

      expect(shown).not.toContain('canary')
      expect(shown).toContain('&z=2 failed')
    }),
  )
})

it('a text without keys and secrets stays unchanged', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[a-z0-9 .,%\\"{}\n]*$/), (text) => {
      expect(redactor(['S3CR3T', ''])(text)).toBe(text)
    }),
  )
})

it('an excerpt is one printable, well-formed line of at most 200 units', () => {
  fc.assert(
    fc.property(fc.array(anyText, { maxLength: 20 }), (parts) => {
      const shown = excerpt(parts.join(''))

      expect(shown.length).toBeLessThanOrEqual(200)
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u)
      expect(shown.isWellFormed()).toBe(true)
    }),
  )
})

it('an excerpt of printable text is its start', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[ -~äöü€]*$/), fc.nat(40), (text, times) => {
      const long = text.repeat(times)

      expect(excerpt(long)).toBe(long.slice(0, 200))
    }),
  )
})
