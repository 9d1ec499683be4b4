import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startCluster } from '@raison/local-platform'
import kafkajs, { Kafka, logLevel, type AclEntry } from 'kafkajs'
import { openProxy } from '../faults/kafka-proxy.ts'
import { addLogin } from './add-login.ts'
import { createAuthority, type Authority } from './authority.ts'
import type { Right } from './documented-rights.ts'

/** Someone who has a login and the rights that were given, and no other. */
export interface User {
  readonly name: string
  /** The settings of a service or command that says who it is by the environment. */
  readonly env: Readonly<Record<string, string>>
  /** The same, as the section `kafka` of a configuration file has it. */
  readonly kafka: object
  readonly client: Kafka
  /** Those that it was made with. */
  readonly rights: readonly Right[]
}

/** A question that the broker's authorizer was asked, and its answer. */
export interface Asked {
  readonly user: string
  readonly allowed: boolean
  /** `DESCRIBE_CONFIGS`. */
  readonly operation: string
  /** `Topic`, `Group`, `TransactionalId`, `Cluster`. */
  readonly resource: string
  readonly name: string
}

/** A broker that speaks TLS only, asks for logins or certificates, and lets nobody but its administrator do what no ACL allows. */
export interface SecuredBroker {
  /** Where it asks for a login. */
  readonly address: string
  /** Another way in, which can be cut. */
  readonly proxied: string
  /** Where it asks for a certificate instead: the user of that for `explainer` is `CN=explainer`. */
  readonly mutual: string
  /** The certificates that it takes are its. */
  readonly authority: Authority
  /** Path of a PEM file. */
  readonly ca: string
  readonly admin: Kafka
  addUser(name: string, rights: readonly Right[]): Promise<User>
  allow(user: Pick<User, 'name'>, rights: readonly Right[]): Promise<void>
  /** In the place of the one before; connections that are open stay. */
  setPassword(user: Pick<User, 'name'>, password: string): Promise<void>
  /** Closes the connections of the other way in; it can be taken again. */
  cutProxied(): void
  /** All questions since the start. */
  asked(): Asked[]
  /** The rights, each with whose it is, that the broker never asked for. */
  unused(users: readonly User[]): string[]
  stop(): Promise<void>
}

export async function startSecuredBroker(): Promise<SecuredBroker> {
  const say = (line: string): boolean => process.stderr.write(`${line}\n`)
  const proxy = await openProxy('raw')
  const authority = await createAuthority('raison-cluster')
  const secured = { ca: authority.ca, ...(await authority.issue('broker')) }
  const cluster = await startCluster({ advertised: [proxy.port], secured, say, env: process.env })
  const directory = await mkdtemp(join(tmpdir(), 'raison-secured-'))
  const [node] = cluster.nodes
  proxy.target = node!.port
  const { ca, admin: login } = cluster.security!
  const address = node!.direct
  const clientFor = (sasl: typeof login | { mechanism: 'scram-sha-512'; username: string; password: string }): Kafka =>
    new Kafka({
      clientId: sasl.username,
      brokers: [address],
      ssl: { ca: readFileSync(ca, 'utf8') },
      sasl,
      logLevel: logLevel.NOTHING,
    })
  const admin = clientFor(login)
  const allow = (user: Pick<User, 'name'>, rights: readonly Right[]): Promise<void> =>
    withAdmin(admin, async (kafka) => {
      const acl = rights.map((right) => toAcl(user, right))
      await kafka.createAcls({ acl })
      for (const entry of acl) while (!(await isKnown(kafka, entry))) await pause(20)
    })

  const loginOf = (username: string, password: string): Kafka =>
    clientFor({ mechanism: 'scram-sha-512', username, password })

  return {
    address,
    proxied: `127.0.0.1:${proxy.port}`,
    mutual: node!.mutual,
    authority,
    ca,
    admin,
    async addUser(name, rights) {
      const password = randomBytes(12).toString('hex')
      const passwordFile = join(directory, name)
      await writeFile(passwordFile, `${password}\n`)
      await addLogin(admin, name, password)
      const client = loginOf(name, password)
      const user = {
        name,
        env: {
          KAFKA_BROKERS: address,
          KAFKA_SSL_CA: ca,
          KAFKA_SASL_MECHANISM: 'scram-sha-512',
          KAFKA_SASL_USERNAME: name,
          KAFKA_SASL_PASSWORD_FILE: passwordFile,
        },
        kafka: { brokers: [address], ssl: { ca }, sasl: { mechanism: 'scram-sha-512', username: name, passwordFile } },
        client,
        rights,
      }
      await untilLetIn(client)
      await allow(user, rights)
      return user
    },
    allow,
    async setPassword({ name }, password) {
      await addLogin(admin, name, password)
      await untilLetIn(loginOf(name, password))
    },
    cutProxied() {
      proxy.refuse(true)
      proxy.refuse(false)
    },
    asked: () => askedIn(node!.log()),
    unused(users) {
      const granted = askedIn(node!.log()).filter(({ allowed }) => allowed)
      return users.flatMap((user) =>
        user.rights
          .filter((right) => !granted.some((asked) => asked.user === user.name && isFor(asked, right)))
          .map(({ operation, resource, name }) => `${user.name}: ${operation} on ${resource} ${name}`),
      )
    },
    async stop() {
      await proxy.close()
      await cluster.stop()
      await rm(directory, { recursive: true })
    },
  }
}

function askedIn(log: string): Asked[] {
  return Array.from(log.matchAll(question), ([, user, answer, operation, resource, name]) => ({
    user: user!,
    allowed: answer === 'Allowed',
    operation: operation!,
    resource: resource!,
    name: name!,
  }))
}

const question =
  /Principal = User:(\S+) is (Allowed|Denied) operation = (\w+) from host = \S+ on resource = (\w+):LITERAL:(\S+) /g

type Admin = ReturnType<Kafka['admin']>

async function withAdmin<T>(kafka: Kafka, action: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await action(admin)
  } finally {
    await admin.disconnect()
  }
}

/** A login is known a moment after it was added. */
async function untilLetIn(client: Kafka): Promise<void> {
  for (let left = 100; left > 0; left--) {
    const admin = client.admin()
    try {
      return await admin.connect()
    } catch (error) {
      if (left === 1) throw error
      await pause(50)
    } finally {
      await admin.disconnect()
    }
  }
}

async function isKnown(admin: Admin, entry: AclEntry): Promise<boolean> {
  return (await admin.describeAcls(entry)).resources.some(({ acls }) => acls.length > 0)
}

const { AclResourceTypes, AclOperationTypes, AclPermissionTypes, ResourcePatternTypes } = kafkajs
const resourceTypes = {
  topic: AclResourceTypes.TOPIC,
  group: AclResourceTypes.GROUP,
  'transactional id': AclResourceTypes.TRANSACTIONAL_ID,
}

function toAcl({ name: user }: Pick<User, 'name'>, { resource, name, isPrefix, operation }: Right): AclEntry {
  return {
    principal: `User:${user}`,
    host: '*',
    permissionType: AclPermissionTypes.ALLOW,
    operation: AclOperationTypes[constantOf(operation) as keyof typeof AclOperationTypes],
    resourceType: resourceTypes[resource],
    resourceName: name,
    resourcePatternType: isPrefix ? ResourcePatternTypes.PREFIXED : ResourcePatternTypes.LITERAL,
  }
}

function isFor(asked: Asked, { resource, name, isPrefix, operation }: Right): boolean {
  if (asked.operation !== constantOf(operation) || asked.resource !== resourceNames[resource]) return false
  return isPrefix ? asked.name.startsWith(name) : asked.name === name
}

const resourceNames = { topic: 'Topic', group: 'Group', 'transactional id': 'TransactionalId' }

/** DescribeConfigs → DESCRIBE_CONFIGS. */
const constantOf = (operation: string): string => operation.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()
