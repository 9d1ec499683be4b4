import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { openState } from './partition-state.ts'

const place = { topic: 'state', partition: 3 }

test('what was set and deleted is read back from the records of it, small or large', () => {
  const large = Buffer.alloc(100_000, 'rows ')
  const state = openState(new Map())
  state.set('small', Buffer.from('1'))
  state.set('large', large)
  state.set('empty', Buffer.alloc(0))
  state.set('gone', Buffer.from('2'))
  const first = state.takeChanges(place)
  state.delete('gone')
  state.set('small', Buffer.from('3'))
  const second = state.takeChanges(place)
  expect(first.find(({ key }) => key === 'large')!.value!.length).toBeLessThan(2000)
  expect(second).toMatchObject([
    { ...place, key: 'gone', value: null },
    { ...place, key: 'small' },
  ])
  expect(state.takeChanges(place)).toEqual([])

  const kept = new Map<string, Buffer>()
  for (const { key, value } of [...first, ...second])
    if (value === null) kept.delete(key.toString())
    else kept.set(key.toString(), value)
  const again = openState(kept)
  expect(again.keys()).toEqual(['empty', 'large', 'small'])
  expect([again.get('small')!.toString(), again.get('large')!.equals(large), again.get('empty')!.length]).toEqual([
    '3',
    true,
    0,
  ])
  expect(again.takeChanges(place)).toEqual([])
})

test('what is set and deleted in one batch is not written, unless it had been before', () => {
  const state = openState(new Map([['kept', Buffer.from([0, 49])]]))
  for (const key of ['open', 'kept']) {
    state.set(key, Buffer.from('1'))
    state.delete(key)
  }
  expect(state.takeChanges(place)).toMatchObject([{ key: 'kept', value: null }])
  state.set('open', Buffer.from('2'))
  expect(state.takeChanges(place)).toMatchObject([{ key: 'open' }])
  state.delete('open')
  expect(state.takeChanges(place)).toMatchObject([{ key: 'open', value: null }])
})

test('what earlier versions have written with gzip is read', () => {
  const packed = Buffer.concat([Buffer.of(1), gzipSync('rows '.repeat(1000))])
  expect(openState(new Map([['large', packed]])).get('large')!.length).toBe(5000)
})
