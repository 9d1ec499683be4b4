import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, chmodSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'

const source = fileURLToPath(new URL('../user-name.ts', import.meta.url))
const nameless = 54_321

// `raison drift ack` failed with ERR_SYSTEM_ERROR: uv_os_get_passwd.
test.runIf(process.getuid?.() === 0)('a user without an entry in the machine’s list is called by the number', () => {
  const directory = mkdtempSync(join(tmpdir(), 'raison-user-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  // Where that user may read it.
  chmodSync(directory, 0o755)
  cpSync(source, join(directory, 'user-name.ts'))
  const script = `import { userName } from '${directory}/user-name.ts'; process.stdout.write(userName())`
  const name = execFileSync(process.execPath, ['--input-type=module', '-e', script], { uid: nameless, cwd: directory })
  expect(name.toString()).toBe(`uid ${nameless}`)
})
