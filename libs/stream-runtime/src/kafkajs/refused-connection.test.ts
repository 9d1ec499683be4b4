import { expect, test } from 'vitest'
import { refusedConnection } from './refused-connection.ts'

const brokers = ['kafka-1:9093']

function failure(name: string, message: string, more: object = {}): Error {
  return new Error('gave up', { cause: Object.assign(new Error(message), { name, ...more }) })
}

test.each([
  [
    'a wrong password',
    failure(
      'KafkaJSSASLAuthenticationError',
      'SASL PLAIN authentication failed: Authentication failed: Invalid username or password',
    ),
  ],
  [
    'a mechanism that the broker has not',
    failure('KafkaJSProtocolError', 'no such', { type: 'UNSUPPORTED_SASL_MECHANISM' }),
  ],
  ['a login where none is asked for', failure('KafkaJSProtocolError', 'not now', { type: 'ILLEGAL_SASL_STATE' })],
])('%s is refused for good', (_, error) => {
  const message = expect.stringMatching(/^kafka-1:9093: .*check kafka\.sasl\.mechanism/)
  expect(refusedConnection(error, brokers)).toMatchObject({ code: 'BROKER_REFUSED', message })
})

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])('a certificate with %s is not trusted', (code) => {
  const error = failure('KafkaJSConnectionError', 'Connection error', { code })
  const message = expect.stringMatching(new RegExp(`^the certificate of kafka-1:9093 .*${code}.*KAFKA_SSL_CA`))
  expect(refusedConnection(error, brokers)).toMatchObject({ code: 'BROKER_UNTRUSTED', message })
})

test.each([
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
  'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
  'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN',
  'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
])('a certificate of ours that the broker answers with %s is refused for good', (code) => {
  const error = failure('KafkaJSConnectionError', 'Connection error', { code })
  const message = expect.stringMatching(new RegExp(`^kafka-1:9093 .*${code}.*name one .*kafka\\.ssl\\.cert`))
  expect(refusedConnection(error, brokers)).toMatchObject({ code: 'BROKER_REFUSED', message })
})

test.each([
  failure('KafkaJSSASLAuthenticationError', 'SASL PLAIN authentication failed: Closed connection'),
  failure('KafkaJSConnectionError', 'Connection error', { code: 'ECONNREFUSED' }),
  failure('KafkaJSConnectionClosedError', 'Closed connection'),
])('a broker that went away may come back: $cause.message', (error) => {
  expect(refusedConnection(error, brokers)).toBeUndefined()
})
