import { spawnSync } from 'node:child_process'

// Lint without Nx's project graph skips the layer rule and exits 0, and a stale graph passes silently. So a project that
// breaks the rule on purpose must be refused, and for that rule.
const { status, stdout } = spawnSync('nx', ['run', '@raison/lint-canary:lint', '--skip-nx-cache'], { encoding: 'utf8' })
if (status === 0 || !stdout.includes('@nx/enforce-module-boundaries')) {
  console.error(`the lint canary was not refused by the layer rule: the layers are not enforced\n${stdout}`)
  process.exit(1)
}
console.log('the lint canary was refused, as it must be')
