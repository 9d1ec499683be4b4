import { SchemaRegistry } from '@kafkajs/confluent-schema-registry'
import { Kafka, logLevel } from 'kafkajs'

const topic = process.env.RAISON_TOPIC_EXPLAINED ?? 'decisions.explained'
const registry = new SchemaRegistry({ host: process.env.SCHEMA_REGISTRY_URL })
const kafka = new Kafka({ brokers: process.env.KAFKA_BROKERS.split(','), logLevel: logLevel.ERROR })
const consumer = kafka.consumer({ groupId: 'crm', readUncommitted: false })

const known = new Set() // a CRM has a table, with explanationId as its unique key
await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  eachMessage: async ({ message }) => {
    const { explanationId, decisionId, outcome, status, reviewReasons, reasons } = await registry.decode(message.value)
    if (known.has(explanationId)) return
    known.add(explanationId)
    console.log(decisionId, outcome, status, ...reviewReasons)
    for (const { code, share, texts } of reasons) console.log(`  ${code} ${Math.round(share * 100)} % ${texts.en}`)
  },
})
