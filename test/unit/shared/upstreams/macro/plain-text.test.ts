import { describe, expect, it } from 'vitest'
import { plainText } from '#shared/upstreams/macro/plain-text.ts'

describe('the plain text of HTML', () => {
  it.each([
    ['<a href="https://x.test/war-room">Recipes</a> for &amp; with friends', 'Recipes for & with friends'],
    ['<p>one</p><p>two</p>', 'one two'],
    ['three<br/>four<li>five', 'three four five'],
    ['s<b>i</b>x', 'six'],
    ['<a title="a > b" href=\'#\'>seven</a>', 'seven'],
    ['<img alt="war > peace" src="x">eight', 'eight'],
    ['<!-- war --> nine <script>war()</script><style>.war {}</style>', 'nine'],
    ['ten <script>war(', 'ten'],
    ['eleven <a href="https://x.test/war-ro', 'eleven'],
    ['twelve <a href="war>more', 'twelve more'],
    ['1 < 2 and 3 > 2', '1 < 2 and 3 > 2'],
    ['a <3 b', 'a <3 b'],
    ['<?xml version="1.0"?><!DOCTYPE html>text', 'text'],
  ])('%j is %j: without tags', (html, text) => {
    expect(plainText(html, 500)).toBe(text)
  })

  it.each([
    ['&lt;b&gt;', '<b>'],
    ['&amp;lt;', '&lt;'],
    ['&#39;&#x27;&apos;', "'''"],
    ['&#8217;&rsquo;', '’’'],
    ['a&nbsp;b', 'a b'],
    ['&unknown; &amp &;', '&unknown; &amp &;'],
    ['&constructor;', '&constructor;'],
    ['&#x110000;&#9999999;', ''],
    ['a&#0;b', 'a b'],
    ['&#xD800;x', 'x'],
  ])('%j is %j: with entities decoded once', (html, text) => {
    expect(plainText(html, 500)).toBe(text)
  })

  it.each([
    [' a\n\n b\t\u00a0c ', 'a b c'],
    ['w\u00ada\u200br', 'war'],
    ['a\u0000b', 'a b'],
    ['\u202etxet', 'txet'],
    ['', ''],
    ['<p> </p>', ''],
  ])('%j is %j: with single spaces', (html, text) => {
    expect(plainText(html, 500)).toBe(text)
  })

  it('is cut by code points, never within one, and without a space at its end', () => {
    expect(plainText('🙂🙂🙂', 2)).toBe('🙂🙂')
    expect(plainText('ab cd', 3)).toBe('ab')
    expect(plainText('x'.repeat(10_000), 500)).toHaveLength(500)
  })
})
