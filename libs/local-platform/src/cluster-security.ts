import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Java } from './find-java.ts'
import { quickStart } from './local-jvm.ts'

/** How to get into a secured cluster: every listener speaks TLS, asks for a login, and lets nobody do what no ACL allows. */
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

/** Makes a certificate in the directory. */
export async function secureCluster(java: Java, directory: string): Promise<SecuredSettings> {
  const password = randomBytes(12).toString('hex')
  const admin = { mechanism: 'plain', username: 'admin', password } as const
  const store = { file: join(directory, 'broker.p12'), password }
  const ca = join(directory, 'ca.pem')
  const entry = ['-alias', 'broker', '-keystore', store.file, '-storepass', password]
  const keytool = (...args: string[]): Promise<unknown> =>
    promisify(execFile)(join(java.home, 'bin', 'keytool'), [
      ...quickStart.map((flag) => `-J${flag}`),
      ...args,
      ...entry,
    ])
  const subject = ['-dname', 'CN=broker', '-ext', 'SAN=IP:127.0.0.1', '-validity', '2']
  await keytool('-genkeypair', '-keyalg', 'EC', '-groupname', 'secp256r1', ...subject)
  await keytool('-exportcert', '-rfc', '-file', ca)
  return {
    security: { ca, admin },
    settings: {
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': store.file,
      'ssl.keystore.password': password,
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': ca,
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
