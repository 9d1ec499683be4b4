import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** PEM texts: of an authority, and of what it has issued to the brokers. */
export interface BrokerCertificate {
  readonly ca: string
  readonly cert: string
  readonly key: string
}

/**
 * How to get into a secured cluster: every listener speaks TLS, asks for a login, and lets nobody do what no ACL allows. One asks for
 * a certificate instead, whose holder is `User:CN=…`.
 */
export interface ClusterSecurity {
  /** Path of the PEM file that vouches for the brokers; it goes with the cluster. */
  readonly ca: string
  /** The login, by SASL/PLAIN, that may do everything; those of others are SCRAM-SHA-512, and it adds them. */
  readonly admin: { readonly mechanism: 'plain'; readonly username: string; readonly password: string }
}

export interface SecuredSettings {
  readonly security: ClusterSecurity
  /** Of the broker, in Kafka's own names. */
  readonly settings: Readonly<Record<string, string>>
}

/** Every question to the authorizer goes to the broker's log, with its answer. */
export const authorizerLog = '-Dorg.slf4j.simpleLogger.log.kafka.authorizer.logger=debug'

/** Writes the brokers' certificate to the directory; of clients they take those of the same authority. */
export async function secureCluster(directory: string, certificate: BrokerCertificate): Promise<SecuredSettings> {
  const admin = { mechanism: 'plain', username: 'admin', password: randomBytes(12).toString('hex') } as const
  const [ca, store] = [join(directory, 'ca.pem'), join(directory, 'broker.pem')]
  await writeFile(ca, certificate.ca)
  await writeFile(store, certificate.key + certificate.cert, { mode: 0o600 })
  return {
    security: { ca, admin },
    settings: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': store,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': ca,
      'listener.name.mutual.ssl.client.auth': 'required',
      'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
      // Among themselves, as its logins need no cluster that is up already.
      'sasl.mechanism.inter.broker.protocol': 'PLAIN',
      'sasl.mechanism.controller.protocol': 'PLAIN',
      ...Object.assign({}, ...['client', 'direct', 'controller'].map((listener) => loginsOf(listener, admin))),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'allow.everyone.if.no.acl.found': 'false',
      'super.users': `User:${admin.username}`,
    },
  }
}

function loginsOf(listener: string, { username, password }: ClusterSecurity['admin']): Record<string, string> {
  const modules = 'org.apache.kafka.common.security'
  const plain = `username="${username}" password="${password}" user_${username}="${password}"`
  return {
    [`listener.name.${listener}.plain.sasl.jaas.config`]: `${modules}.plain.PlainLoginModule required ${plain};`,
    [`listener.name.${listener}.scram-sha-512.sasl.jaas.config`]: `${modules}.scram.ScramLoginModule required;`,
  }
}
