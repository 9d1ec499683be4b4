import { defineConfig } from 'vitest/config'
// The types of what `inject` gives, for every test.
import type {} from './libs/test-kit/src/provided-context.ts'

const sources = '{libs,services,examples,tools}/*/src/**'
/** They get `kafkaBrokers` and `schemaRegistryUrl` by `inject`; the broker starts when one of them is selected. */
const platformTests = [`${sources}/*.{kafka,registry}.test.ts`, 'integration-tests/src/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Some tests use kafkajs without the repair (libs/stream-runtime/src/kafkajs/rest-when-idle.ts).
    execArgv: ['--disable-warning=TimeoutNegativeWarning'],
    // Tests that load onnxruntime by themselves.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    reporters: ['default', './libs/test-kit/src/closing-line.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [`${sources}/*.test.ts`],
          exclude: platformTests,
          benchmark: { include: [`${sources}/*.bench.ts`] },
        },
      },
      {
        extends: true,
        test: {
          name: 'platform',
          include: platformTests,
          benchmark: { include: [] },
          globalSetup: './libs/test-kit/src/shared-platform.ts',
          setupFiles: './libs/test-kit/src/require-platform.ts',
        },
      },
    ],
  },
})
