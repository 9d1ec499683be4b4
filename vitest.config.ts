import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'libs/*/src/**/*.test.ts',
      'services/*/src/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
      'tools/*/src/**/*.test.ts',
      'integration-tests/src/**/*.test.ts',
    ],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
})
