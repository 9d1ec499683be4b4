import { readFileSync } from 'node:fs'
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'

const topic = process.env.RAISON_TOPIC_DECISIONS ?? 'decisions.scored'
const registry = new SchemaRegistry({ host: process.env.SCHEMA_REGISTRY_URL })
const kafka = new Kafka({ brokers: process.env.KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR })
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })

const schema = await registry.getLatestSchemaId(`${topic}-value`)
await producer.connect()
for (const line of readFileSync(process.argv[2], 'utf8').trim().split('\n')) {
  const decision = { ...JSON.parse(line), model: { name: 'loan-xgboost', version: '1.0.0' } }
  const value = await registry.encode(schema, decision)
  await producer.send({ topic, messages: [{ key: decision.decisionId, value }] })
  console.log('published', decision.decisionId)
}
await producer.disconnect()
