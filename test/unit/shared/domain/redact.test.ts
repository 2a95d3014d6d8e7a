import { describe, expect, it } from 'vitest'
import { excerpt, redactor } from '#shared/domain/redaction.ts'

const hide = redactor([])

describe('query parameters', () => {
  it.each([
    'api_key',
    'apikey',
    'apiKey',
    'token',
    'access_token',
    'key',
    'x_cg_demo_api_key',
    'x_cg_pro_api_key',
  ])('masks the value of %s anywhere in the query', (name) => {
    const url = `https://host.example/q?${name}=abc%2F1&a=1&${name}=d'ef#top and ?${name}="x"`

    expect(hide(url)).toBe(
      `https://host.example/q?${name}=[redacted]&a=1&${name}=[redacted]#top and ?${name}="x"`,
    )
  })

  it.each([
    ['an encoded query', 'u=https%3A%2F%2Fh%3Fkey%3Dabcd', 'u=https%3A%2F%2Fh%3Fkey%3D[redacted]'],
    [
      'JSON that escapes &',
      '{"u":"/q?a=1\\u0026token=abcd\\u0026b=2"}',
      '{"u":"/q?a=1\\u0026token=[redacted]\\u0026b=2"}',
    ],
    ['HTML', '<a href="/q?a=1&amp;token=abcd">', '<a href="/q?a=1&amp;token=[redacted]">'],
  ])('masks a value in %s', (_, text, hidden) => {
    expect(hide(text)).toBe(hidden)
  })

  it.each([
    'monkey=1',
    'cache_key=1',
    'page-token=1',
    'symbol=IBM&limit=10',
    'token=&a=1',
    'the key = value',
  ])('does not change %j', (text) => {
    expect(hide(text)).toBe(text)
  })
})

describe('headers', () => {
  const names = [
    'authorization',
    'cookie',
    'set-cookie',
    'x-api-key',
    'x-cg-demo-api-key',
    'x-cg-pro-api-key',
    'x-finnhub-token',
  ]

  it.each(names)('masks %s up to the end of its line', (name) => {
    const text = `GET / HTTP/1.1\r\n${name}: Bearer "a, b"; c=d\r\naccept: */*\n${name.toUpperCase()}:x y`

    expect(hide(text)).toBe(
      `GET / HTTP/1.1\r\n${name}: [redacted]\r\naccept: */*\n${name.toUpperCase()}:[redacted]`,
    )
  })

  it.each(names)('masks %s in JSON and leaves the JSON whole', (name) => {
    const hidden = hide(JSON.stringify({ a: 1, [name]: 'Bearer "x\\"', z: [2] }))

    expect(JSON.parse(hidden)).toEqual({ a: 1, [name]: '[redacted]', z: [2] })
  })

  it('masks a list of values in JSON as one', () => {
    const hidden = hide(JSON.stringify({ 'set-cookie': ['a=1]', 'b="2"'], z: ['c'] }))

    expect(JSON.parse(hidden)).toEqual({ 'set-cookie': ['[redacted]'], z: ['c'] })
  })

  it.each([
    ['JSON inside JSON', JSON.stringify(JSON.stringify({ authorization: 'Bearer abcd' }))],
    ['an inspected object', "{ 'x-api-key': 'abcd' }"],
    ['JSON that was cut', '{"cookie":"sid=abcd'],
    ['a prefixed name', 'Proxy-Authorization: Basic abcd'],
    ['a value in brackets', 'cookie: [abcd]'],
  ])('masks a value in %s', (_, text) => {
    expect(hide(text)).toContain('[redacted]')
    expect(hide(text)).not.toContain('abcd')
  })
})

describe('secrets', () => {
  it.each([
    ['as it is', 'key pa$s/w"ö rd.* was refused'],
    ['percent-encoded', `key ${encodeURIComponent('pa$s/w"ö rd.*')} was refused`],
    ['percent-encoded in lower case', 'key pa%24s%2fw%22%c3%b6%20rd.* was refused'],
    ['percent-encoded in part', 'key pa$s/w%22%C3%B6 rd.* was refused'],
    ['form-encoded', `key ${new URLSearchParams([['', 'pa$s/w"ö rd.*']]).toString().slice(1)} was refused`],
    ['in JSON', `key ${JSON.stringify('pa$s/w"ö rd.*').slice(1, -1)} was refused`],
    ['in JSON with needless escapes', 'key pa\\u0024s\\/w\\"\\u00F6\\u0020rd.\\u002a was refused'],
  ])('masks a secret %s', (_, text) => {
    expect(redactor(['pa$s/w"ö rd.*'])(text)).toBe('key [redacted] was refused')
  })

  it.each(['line\nbreak', '100%25', '%%%%', '\\\\\\\\', '(a+)+$', '.*.*', '😀😀', '  padded\n', '$&$1'])(
    'masks %j and its neighbours stay',
    (secret) => {
      const text = `<${secret}|${encodeURIComponent(secret)}|${JSON.stringify(secret)}>`

      expect(redactor([secret])(text)).toBe('<[redacted]|[redacted]|"[redacted]">')
    },
  )

  it('masks a secret without its surrounding white space', () => {
    expect(redactor(['s3cr3t\n'])('got s3cr3t.')).toBe('got [redacted].')
  })

  it('masks all of secrets that overlap each other or themselves', () => {
    expect(redactor(['abcd', 'cdef', 'xyxy'])('-abcdef-xyxyxy-')).toBe('-[redacted]-[redacted]-')
  })

  it('masks a secret that spells the name of a parameter, and the value of that parameter', () => {
    expect(redactor(['?api_key'])('/q?api_key=other')).not.toMatch(/api_key|other/)
  })

  it.each(['dact', '[redacted]', 'end[', ']start', 'x][redacted][x'])(
    'leaves no trace of %j in its mark',
    (secret) => {
      expect(redactor([secret])(`a${secret}b ${secret}`)).toBe('a█b █')
    },
  )

  it('masks a secret of under four characters only as the value of a key', () => {
    const text = 'a banana a=1 &key=a&b'

    expect(redactor(['', 'a', 'an', 'ana', ' a\n '])(text)).toBe('a banana a=1 &key=[redacted]&b')
  })

  it('does not change a redacted text', () => {
    const once = redactor(['s3cr3t'])('?key=s3cr3t authorization: s3cr3t\n{"cookie":"s3cr3t"} s3cr3t')

    expect(redactor(['s3cr3t'])(once)).toBe(once)
  })

  it('reads a body of several megabytes without running out of stack', () => {
    const body = `{"authorization":"${'x'.repeat(8_000_000)}","t":"s3cr3t`

    expect(redactor(['s3cr3t'])(body)).toBe('{"authorization":"[redacted]","t":"[redacted]')
  })
})

describe('excerpt', () => {
  it('keeps a short text as it is', () => {
    expect(excerpt('Überlänge: 5 % of <html> 😀')).toBe('Überlänge: 5 % of <html> 😀')
  })

  it.each([
    ['line ends', 'a\r\n\tb', 'a\\r\\n\\tb'],
    ['terminal sequences', '\x1b[31mred\x07', '\\u001b[31mred\\u0007'],
    ['C1 controls', 'a\x85\x9b', 'a\\u0085\\u009b'],
    ['line and paragraph separators', 'a\u2028\u2029', 'a\\u2028\\u2029'],
    ['changes of writing direction', 'a\u202eb\u2066', 'a\\u202eb\\u2066'],
    ['unpaired surrogates', 'a\ud800b', 'a\\ud800b'],
  ])('escapes %s', (_, text, shown) => {
    expect(excerpt(text)).toBe(shown)
  })

  it('cuts at 200, never through a character or an escape', () => {
    expect(excerpt('x'.repeat(201))).toBe('x'.repeat(200))
    expect(excerpt(`${'x'.repeat(199)}😀`)).toBe('x'.repeat(199))
    expect(excerpt(`${'x'.repeat(195)}\x1b`)).toBe('x'.repeat(195))
    expect(excerpt(`${'x'.repeat(194)}\x1bz`)).toBe(`${'x'.repeat(194)}\\u001b`)
  })
})
