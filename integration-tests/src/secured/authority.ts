import { webcrypto } from 'node:crypto'
// The library below reads its own types by it.
import 'reflect-metadata'
import * as x509 from '@peculiar/x509'

/** PEM texts. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Signs certificates, each for the name `CN=…` and the address 127.0.0.1. */
export interface Authority {
  /** PEM text of what vouches for its certificates. */
  readonly ca: string
  /** Valid until so many days from now, two unless said; out of date already where they are below 0. */
  issue(name: string, days?: number): Promise<Certificate>
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const onLoopback = new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])

export async function createAuthority(name: string): Promise<Authority> {
  const own = await newKeys()
  const ofAuthority = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys: own,
    ...validity(2),
    signingAlgorithm: algorithm,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    ca: ofAuthority.toString('pem'),
    async issue(subject, days = 2) {
      const { publicKey, privateKey } = await newKeys()
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${subject}`,
        issuer: ofAuthority.subject,
        publicKey,
        signingKey: own.privateKey,
        ...validity(days),
        signingAlgorithm: algorithm,
        extensions: [onLoopback],
      })
      const key = x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', privateKey), 'PRIVATE KEY')
      return { cert: `${certificate.toString('pem')}\n`, key: `${key}\n` }
    },
  }
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

function validity(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  const fromNow = (each: number): Date => new Date(Date.now() + each * 86_400_000)
  return { notBefore: fromNow(-3), notAfter: fromNow(days) }
}
