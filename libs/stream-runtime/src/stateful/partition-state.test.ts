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

test('what is set and deleted in one batch leaves no more than a tombstone', () => {
  const state = openState(new Map())
  state.set('open', Buffer.from('1'))
  state.delete('open')
  expect(state.takeChanges(place)).toMatchObject([{ key: 'open', value: null }])
})
