import nx from '@nx/eslint-plugin'
import tseslint from 'typescript-eslint'

/** Who may import whom, by layer. Same-layer imports are allowed; `contract` and `testing` stand beside the column. */
const below = {
  numerics: ['numerics'],
  domain: ['numerics', 'domain'],
  contract: ['numerics', 'contract'],
  runtime: ['numerics', 'domain', 'runtime'],
  application: ['numerics', 'domain', 'runtime', 'application', 'contract'],
  service: ['numerics', 'domain', 'runtime', 'application', 'contract'],
}
const everyLayer = [...Object.keys(below), 'testing']

const boundaries = (layers) => [
  'error',
  {
    allow: [],
    depConstraints: Object.entries(layers).map(([layer, allowed]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`),
    })),
  },
]
const inTests = Object.fromEntries(everyLayer.map((layer) => [layer, everyLayer]))

export default tseslint.config(
  { ignores: ['**/dist', '**/node_modules', '**/.nx', 'libs/surrogate/kernel/assembly'] },
  { plugins: { '@nx': nx } },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@nx/enforce-module-boundaries': boundaries({ ...below, testing: everyLayer }),
      // The array is typed and the loop is bounded: `values[i]!` is how a numeric kernel reads.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.test.ts', '**/*.bench.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries(inTests) },
  },
  { files: ['tools/**', 'services/cli/**'], rules: { 'no-console': 'off' } },
)
