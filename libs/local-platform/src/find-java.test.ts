import { chmod, mkdir, mkdtemp, symlink, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { findJava } from './find-java.ts'

const release = (version: string): string => `IMPLEMENTOR="Someone"\nJAVA_VERSION="${version}"\n`

/** A directory that looks like a Java installation; without a `release` file it answers `java -version`. */
async function installJava(version: string, { withRelease = true } = {}): Promise<string> {
  const home = await temporaryDirectory()
  await mkdir(join(home, 'bin'))
  const command = join(home, 'bin', 'java')
  await writeFile(command, `#!/bin/sh\necho 'openjdk version "${version}" 2026-01-01' >&2\n`)
  await chmod(command, 0o755)
  if (withRelease) await writeFile(join(home, 'release'), release(version))
  return home
}

test('JAVA_HOME comes first when it is new enough', async () => {
  const [given, other] = [await installJava('21.0.8'), await installJava('25.0.1')]
  expect(await findJava({ JAVA_HOME: given, PATH: join(other, 'bin') }, [])).toMatchObject({ home: given, major: 21 })
})

test('an old JAVA_HOME is passed over for a newer Java on PATH, found through its link', async () => {
  const [old, newer] = [await installJava('17.0.15'), await installJava('25.0.1')]
  const bin = await temporaryDirectory()
  await symlink(join(newer, 'bin', 'java'), join(bin, 'java'))
  expect(await findJava({ JAVA_HOME: old, PATH: bin }, [])).toMatchObject({ home: newer, major: 25 })
})

test('the usual places are searched, and a Java without a release file is asked', async () => {
  const home = await installJava('23', { withRelease: false })
  expect(await findJava({ PATH: '' }, [home])).toMatchObject({ home, major: 23 })
})

test('none new enough: the error names what was seen and what to install', async () => {
  const eight = await installJava('1.8.0_452', { withRelease: false })
  const finding = findJava({ PATH: join(eight, 'bin') }, [])
  await expect(finding).rejects.toMatchObject({ code: 'JAVA_NOT_FOUND' })
  await expect(finding).rejects.toThrow(new RegExp(`${eight}/bin/java is 8.*Temurin 21`))
})

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'raison-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}
