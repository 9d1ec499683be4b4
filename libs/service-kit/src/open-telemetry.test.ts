import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { metrics } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { openTelemetry } from './open-telemetry.ts'

test('a gauge says nothing of what is no longer observed', async () => {
  const telemetry = openTelemetry('a-service', {})
  const server = createServer(telemetry.answerMetrics).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const read = async (): Promise<string[]> => {
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`)
    return (await response.text()).split('\n').filter((line) => /^(alarm|all)/.test(line))
  }
  let states = ['raised', 'acknowledged']
  const meter = metrics.getMeter('a-meter')
  meter.createObservableGauge('alarm').addCallback((gauge) => {
    for (const state of states) gauge.observe(1, { state })
  })
  meter.createCounter('all').add(1, { kind: 'any' })

  const counter = 'all_total{kind="any"} 1'
  expect(await read()).toEqual(['alarm{state="raised"} 1', 'alarm{state="acknowledged"} 1', counter])
  states = ['acknowledged']
  expect(await read()).toEqual(['alarm{state="acknowledged"} 1', counter])
  states = []
  expect(await read()).toEqual([counter])

  await telemetry.close()
  server.close()
})
