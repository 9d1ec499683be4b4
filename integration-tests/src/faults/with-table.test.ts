import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { root } from '../run-raison.ts'
import { withTable } from './with-table.ts'

test('a run of the faults writes the table of the page, and leaves what people wrote around it', async () => {
  const page = await readFile(`${root}/docs/reliability.md`, 'utf8')
  const written = withTable(page, '| $& |')
  expect(written).toContain('<!-- faults -->\n\n| $& |\n\n<!-- /faults -->\n\n## What Kafka itself forgets')
  const around = (text: string): string[] => [text.split('<!-- faults -->')[0]!, text.split('<!-- /faults -->')[1]!]
  expect(around(written)).toEqual(around(page))
})

test('a page without a place for the table is refused, not overwritten', () => {
  expect(() => withTable('# Reliability\n\n<!-- faults -->', '| |')).toThrow('<!-- /faults -->')
})
