import { expect, test } from 'vitest'
import { readConfig } from '../config.ts'

const wayOut = (variable: string, path: string): string =>
  `${path}: .*set ${variable}, or ${path} in the file of RAISON_CONFIG`

test('without any setting, each one that is needed is named by its variable and by its key in the file', () => {
  const expected = [
    wayOut('KAFKA_BROKERS', 'kafka.brokers'),
    wayOut('SCHEMA_REGISTRY_URL', 'registry.url'),
    wayOut('RAISON_BUNDLES', 'bundles'),
    wayOut('RAISON_GROUP', 'group'),
  ]
  expect(() => readConfig({})).toThrow(new RegExp(`^${expected.join('.*\\n')}.*$`))
})

test('an item of a list that is wrong is named with the variable of the list', () => {
  const outcome = () => readConfig({ KAFKA_BROKERS: 'localhost' })
  expect(outcome).toThrow(/^kafka\.brokers\.0: is host:port \(set KAFKA_BROKERS, or kafka\.brokers in/)
})
