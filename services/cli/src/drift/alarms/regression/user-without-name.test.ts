import { expect, test } from 'vitest'
import { userName } from '../user-name.ts'

// `raison drift ack` failed with ERR_SYSTEM_ERROR: uv_os_get_passwd.
test('a user without an entry in the machine’s list is called by the number', () => {
  const nameless = (): never => {
    throw new Error('uv_os_get_passwd')
  }
  expect(userName(nameless)).toBe(`uid ${process.getuid!()}`)
})
