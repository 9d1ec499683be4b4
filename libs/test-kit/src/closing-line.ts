import type { Reporter, SerializedError, TestCase, TestModule, TestSuite } from 'vitest/node'

/**
 * Vitest reporter: every skipped test with its reason, then one last line `N passed, N failed` (`, N skipped`).
 * What failed outside a test (an import, a hook, an unhandled error) counts as one failure each; a run without tests
 * fails.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    const passed = tests.filter((test) => test.result().state === 'passed')
    const failed = tests.length - passed.length - skipped.length + countOutsideTests(modules) + unhandled.length
    // Nothing run is nothing shown: a wrong filter or a setup that failed must not look like success.
    const failures = tests.length === 0 ? Math.max(failed, 1) : failed
    if (failures > 0) process.exitCode = 1

    for (const test of skipped) print(`SKIPPED: ${test.module.relativeModuleId} > ${test.fullName}: ${reasonOf(test)}`)
    const skippedPart = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
    print(`${passed.length} passed, ${failures} failed${skippedPart}`)
  }
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`)

/** A file that does not load, or a suite whose hook throws; their tests, never run, are among the skipped. */
function countOutsideTests(modules: readonly TestModule[]): number {
  const suites = modules.flatMap((module): (TestModule | TestSuite)[] => [module, ...module.children.allSuites()])
  return suites.filter((suite) => suite.errors().length > 0).length
}

/** The note of `context.skip(note)`, or how the test was left out in the source. */
function reasonOf(test: TestCase): string {
  const result = test.result()
  if (result.state === 'skipped' && result.note) return result.note
  if (test.options.mode === 'todo') return 'still to be written'
  if (isInBrokenSuite(test)) return 'not run, its file or suite failed'
  return 'left out in the source, without a reason'
}

function isInBrokenSuite(test: TestCase): boolean {
  let suite: TestCase['parent'] = test.parent
  while (suite.type === 'suite' && suite.errors().length === 0) suite = suite.parent
  return suite.errors().length > 0
}
