/**
 * The certificate of a private chat: P-256, self-signed, for a fixed name, which peers check whatever the listener's
 * address is.
 *
 * RFC 5280. It is not a certificate authority, so it cannot sign other certificates, and it does not expire: trust
 * comes from the codes.
 */

import { CERTIFICATE_NAME } from "./certificate_name.ts";
import { bits, der, oid, sequence, TAG, text, unsigned } from "./der.ts";
import { formatPem } from "./pem.ts";

/** A certificate and its key, as PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** The size of each of the two numbers of a signature, in bytes. */
const NUMBER_SIZE = 32;

/** The last bytes of the encoded public key: a point of the curve. */
const POINT_SIZE = 65;

const ECDSA_WITH_SHA256 = sequence(oid("1.2.840.10045.4.3.2"));
const NAME = sequence(der(TAG.set, sequence(oid("2.5.4.3"), text(TAG.utf8, CERTIFICATE_NAME))));
/** It is valid from long ago, so that a peer with a wrong clock accepts it. */
const VALIDITY = sequence(text(TAG.utcTime, "000101000000Z"), text(TAG.time, "99991231235959Z"));
const TRUE = der(TAG.boolean, Uint8Array.of(0xff));

/**
 * Makes a key and its certificate.
 *
 * @param serial 16 random bytes, the certificate's number.
 */
export async function makeKeyPair(serial: Uint8Array): Promise<KeyPair> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  const keyId = new Uint8Array(await crypto.subtle.digest("SHA-1", spki.slice(-POINT_SIZE)));
  const signed = sequence(
    der(0xa0, der(TAG.integer, Uint8Array.of(2))),
    unsigned(positive(serial)),
    ECDSA_WITH_SHA256,
    NAME,
    VALIDITY,
    NAME,
    spki,
    der(0xa3, sequence(...extensions(keyId))),
  );
  const signature = new Uint8Array(await crypto.subtle.sign(ALGORITHM, privateKey, signed));
  const numbers = [signature.subarray(0, NUMBER_SIZE), signature.subarray(NUMBER_SIZE)];
  const certificate = sequence(signed, ECDSA_WITH_SHA256, bits(sequence(...numbers.map(unsigned))));
  return { certificate: formatPem(certificate, "CERTIFICATE"), key: formatPem(pkcs8, "PRIVATE KEY") };
}

/**
 * The extensions that strict readers require: not an authority, for signatures only, both key identifiers, and the
 * name.
 */
function extensions(keyId: Uint8Array): Uint8Array[] {
  const extension = (id: string, value: Uint8Array, ...critical: Uint8Array[]) =>
    sequence(oid(id), ...critical, der(TAG.octets, value));
  return [
    extension("2.5.29.19", sequence(), TRUE),
    extension("2.5.29.15", bits(Uint8Array.of(0x80), 7), TRUE),
    extension("2.5.29.14", der(TAG.octets, keyId)),
    extension("2.5.29.35", sequence(der(0x80, keyId))),
    extension("2.5.29.17", sequence(text(0x82, CERTIFICATE_NAME))),
  ];
}

/** A serial number must not be zero. */
function positive(serial: Uint8Array): Uint8Array {
  const bytes = serial.slice();
  bytes[0] = bytes[0]! & 0x7f | 0x40;
  return bytes;
}
