import { describe, expect, it } from 'vitest'
import { checkInLine, checkInText } from '#shared/upstreams/check-ins/texts.ts'

const HASHTAG = '<e type="hashtag" hid="28518484" title="%23morning%23" />'

describe('a text of the check-in provider', () => {
  it.each([
    ['plain', 'plain'],
    [`${HASHTAG} run`, '#morning# run'],
    ['<e type="mention" uid="100000000000001" title="%40user-1"/> hi', '@user-1 hi'],
    ['<e type="text_bold" title="%E6%89%93%E5%8D%A1" />', '打卡'],
    ['a <e type="hashtag" hid="1" title="%E6%8" /> b', 'a  b'],
    ['a <e type="hashtag" hid="1" title="100%" /> b', 'a  b'],
    ['a <e type="web" href="https%3A%2F%2Fx.test" /> b', 'a  b'],
    ['cut off <e type="hashtag" hid="1" title="%23mor', 'cut off'],
    ['3 <e 4, a < b', '3 <e 4, a < b'],
    ['two\nlines\u0007\r\n', 'two\nlines'],
    ['turned \u202eback', 'turned back'],
    ['<e type="x" title="%3Ce%20type=%22y%22%20title=%22z%22%20/%3E" />', '<e type="y" title="z" />'],
    ['half \ud83d', 'half \ufffd'],
  ])('%j is %j', (text, plain) => {
    expect(checkInText(text, 1_000)).toBe(plain)
  })

  it('is cut by code points, after its tags are replaced', () => {
    expect(checkInText(`${'😀'.repeat(60)}`, 50)).toBe('😀'.repeat(50))
    expect(checkInText(`${HASHTAG}${HASHTAG}`, 12)).toBe('#morning##mo')
  })

  it('on one line has no line feed', () => {
    expect(checkInLine('two\n\tlines  here', 50)).toBe('two lines here')
    expect(checkInLine('two lines', 4)).toBe('two')
  })
})
