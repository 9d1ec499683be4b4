import { StreamError } from '../stream-error.ts'

/**
 * BROKER_REFUSED or BROKER_UNTRUSTED where a broker is there, and it takes a person to mend it; undefined for any other error. A broker that
 * speaks TLS or asks for a login, to a client that does not, says nothing and closes the connection: that could be anything.
 */
export function refusedConnection(error: unknown, brokers: readonly string[]): StreamError | undefined {
  const causes = causesOf(error)
  const login = causes.find(isLogin)
  if (login !== undefined)
    return new StreamError(
      'BROKER_REFUSED',
      `${brokers.join(',')}: ${login.message}: check kafka.sasl.mechanism, username and password of the configuration`,
      { cause: error },
    )
  const alert = causes.find(isAlert)
  if (alert !== undefined)
    return new StreamError(
      'BROKER_REFUSED',
      `${brokers.join(',')} does not take our certificate (${alert.code}): name one that is in date, and signed by an authority that the broker trusts, in kafka.ssl.cert and key (KAFKA_SSL_CERT, KAFKA_SSL_KEY)`,
      { cause: error },
    )
  const certificate = causes.find(isCertificate)
  if (certificate === undefined) return undefined
  return new StreamError(
    'BROKER_UNTRUSTED',
    `the certificate of ${brokers.join(',')} cannot be trusted (${certificate.code}): name the authority that has signed it in kafka.ssl.ca (KAFKA_SSL_CA), and the broker by a name that is in it`,
    { cause: error },
  )
}

interface Cause extends Error {
  readonly type?: string
  readonly code?: string | number
}

function causesOf(error: unknown): Cause[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : []
}

const loginTypes: readonly (string | undefined)[] = ['UNSUPPORTED_SASL_MECHANISM', 'ILLEGAL_SASL_STATE']

/** kafkajs gives the same name to a login during which the connection was closed. */
function isLogin({ name, type, message }: Cause): boolean {
  if (name === 'KafkaJSSASLAuthenticationError')
    return /: Authentication failed|not supported by the server/.test(message)
  return loginTypes.includes(type)
}

/** What the broker says of our certificate, or that there is none: ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED, …_ALERT_UNKNOWN_CA, … */
function isAlert({ code }: Cause): boolean {
  return typeof code === 'string' && /_ALERT_(.*CERTIFICATE|UNKNOWN_CA)/.test(code)
}

/** By the codes of Node's TLS: DEPTH_ZERO_SELF_SIGNED_CERT, CERT_HAS_EXPIRED, UNABLE_TO_VERIFY_LEAF_SIGNATURE, … */
function isCertificate({ code }: Cause): boolean {
  return typeof code === 'string' && /CERT|SIGNATURE/.test(code)
}
