/**
 * Certificates of X.509 (RFC 5280) in DER, on P-256: keytool gives no key away as PEM, and openssl is not on every machine.
 */
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** PEM texts. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Signs certificates, each for the name `CN=…` and the address 127.0.0.1. */
export interface Authority {
  /** PEM text of what vouches for its certificates. */
  readonly ca: string
  /** Valid for so many days from now, two unless said; out of date already where they are below 0. */
  issue(name: string, days?: number): Certificate
}

interface Signer {
  readonly name: string
  readonly key: KeyObject
}

export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = newKeys()
  const signer = { name, key: privateKey }
  return {
    ca: certify(signer, name, publicKey, 2, anyAuthority),
    issue(subject, days = 2) {
      const own = newKeys()
      const cert = certify(signer, subject, own.publicKey, days, onLoopback)
      return { cert, key: own.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() }
    },
  }
}

const newKeys = (): { publicKey: KeyObject; privateKey: KeyObject } =>
  generateKeyPairSync('ec', { namedCurve: 'prime256v1' })

function certify(
  { name, key }: Signer,
  subject: string,
  publicKey: KeyObject,
  days: number,
  extension: Buffer,
): string {
  const statement = sequence(
    der(0xa0, integer(2)), // version 3
    integer(...randomBytes(8).fill(1, 0, 1)), // serial number, above 0
    ecdsaWithSha256,
    commonName(name),
    sequence(time(-3), time(days)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  )
  const signature = der(0x03, Buffer.of(0), sign('sha256', statement, key))
  const base64 = sequence(statement, ecdsaWithSha256, signature).toString('base64')
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  return Buffer.concat([Buffer.of(tag, ...lengthBytes(body.length)), body])
}

/** As few as can be. */
function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
}

const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const integer = (...bytes: readonly number[]): Buffer => der(0x02, Buffer.of(...bytes))
const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const yes = der(0x01, Buffer.of(0xff))

const commonName = (name: string): Buffer =>
  sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(name)))))

/** So many days from now, as YYMMDDhhmmssZ. */
function time(days: number): Buffer {
  const [date] = new Date(Date.now() + days * 86_400_000).toISOString().split('.')
  return der(0x17, Buffer.from(`${date!.replaceAll(/\D/g, '').slice(2)}Z`))
}

const ecdsaWithSha256 = sequence(identifier('2a8648ce3d040302'))
const anyAuthority = sequence(identifier('551d13'), yes, der(0x04, sequence(yes)))
const onLoopback = sequence(identifier('551d11'), der(0x04, sequence(der(0x87, Buffer.of(127, 0, 0, 1)))))
