import { describe, expect, it } from 'vitest'
import { nameSlice } from './slices.ts'

describe('the name of a slice', () => {
  it('says the value as it is, where it can be taken for nothing else', () => {
    expect([nameSlice('channel', 'broker'), nameSlice('age', 30), nameSlice('savings', null)]).toEqual([
      'channel=broker',
      'age=30',
      'savings=null',
    ])
  })

  it('quotes a text that looks like a number, like no value, or like a part of the name', () => {
    const texts = ['30', '', ' ', 'null', 'b=c', 'broker ', '"x"', '\\u001b']
    expect(texts.map((text) => nameSlice('a', text))).toEqual(texts.map((text) => `a=${JSON.stringify(text)}`))
  })

  it('is of every feature and value another', () => {
    const pairs = [
      ['a', 'b=c'],
      ['a=b', 'c'],
      ['a', '"b=c"'],
      ['a="b', 'c"'],
      ['a', 1],
      ['a', '1'],
      ['a', null],
      ['a', 'null'],
      ['a', '"null"'],
    ] as const
    expect(new Set(pairs.map(([feature, value]) => nameSlice(feature, value))).size).toBe(pairs.length)
  })
})
