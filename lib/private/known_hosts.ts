/** Known hosts: the private chats that let this end in, with their certificates and the keys for the next time. */

import { type Endpoint, formatEndpoint } from "../base/address.ts";
import { EXIT, Exit } from "../base/errors.ts";
import { keyOfCode, parseCode } from "./code.ts";
import { formatPem, parsePem } from "./pem.ts";
import { PrivateFiles } from "./private_files.ts";
import { SECRET_SIZE } from "./proof.ts";
import { HOSTS_FILE, type StateEnvironment, stateFolder } from "./state_folder.ts";

/** The file that is locked while hosts.json is changed. */
const LOCK_FILE = "hosts.lock";

/** A private chat as it is stored. */
export interface KnownHost {
  /** As PEM. */
  readonly certificate: string;
  /**
   * The key that lets this end in: a secret in hexadecimal, or a reusable code. With CHAT_CODE none is stored.
   */
  readonly secret?: string | undefined;
  readonly code?: string | undefined;
}

/** Returns the key of a host's HMACs; undefined if none is stored. */
export function keyOfHost({ secret, code }: KnownHost): Uint8Array<ArrayBuffer> | undefined {
  if (secret !== undefined) return Uint8Array.fromHex(secret);
  return code === undefined ? undefined : keyOfCode(code);
}

/** The file of known hosts. */
export class KnownHosts {
  readonly #files: PrivateFiles;

  constructor(files: PrivateFiles) {
    this.#files = files;
  }

  /**
   * Finds a host by its name and port.
   *
   * @throws {Exit} If the file cannot be read.
   */
  find(endpoint: Endpoint): KnownHost | undefined {
    return this.#read().get(nameOf(endpoint));
  }

  /** Finds a host with the given certificate under any name. Its key lets this end in here, too. */
  findCertificate(certificate: string): KnownHost | undefined {
    const same = [...this.#read().values()].filter((host) => host.certificate === certificate);
    return same.find((host) => keyOfHost(host) !== undefined) ?? same[0];
  }

  /**
   * Stores a host. Other names of the same listener get the same key.
   *
   * @throws {Exit} If the file cannot be written.
   */
  remember(endpoint: Endpoint, host: KnownHost): void {
    this.#change((hosts) => {
      hosts.set(nameOf(endpoint), host);
      for (const [name, { certificate }] of hosts) {
        if (certificate === host.certificate) hosts.set(name, host);
      }
    });
  }

  /**
   * Forgets a host.
   *
   * @returns Whether it was known.
   */
  forget(endpoint: Endpoint): boolean {
    return this.find(endpoint) !== undefined && this.#change((hosts) => hosts.delete(nameOf(endpoint)));
  }

  #change<T>(change: (hosts: Map<string, KnownHost>) => T): T {
    using _lock = this.#files.lock(LOCK_FILE, { wait: true });
    const hosts = this.#read();
    const result = change(hosts);
    const text = JSON.stringify({ version: 1, hosts: Object.fromEntries(hosts) }, null, 2);
    this.#files.write(HOSTS_FILE, `${text}\n`);
    return result;
  }

  #read(): Map<string, KnownHost> {
    const text = this.#files.read(HOSTS_FILE);
    if (text === null) return new Map();
    try {
      const { version, hosts } = JSON.parse(text);
      if (version === 1) return new Map(Object.entries(hosts).map(([name, host]) => [name, readHost(host)]));
    } catch {
      // The error quotes nothing from the file, because it holds secrets.
    }
    const path = this.#files.pathOf(HOSTS_FILE);
    throw new Exit(EXIT.failed, `Cannot read ${path}: it is not a list of known hosts; restore or remove it`);
  }
}

/**
 * Removes a private chat and the key that lets this end in.
 *
 * @returns A line for people.
 * @throws {Exit} If it is not known, or the file cannot be written.
 */
export function forgetHost(endpoint: Endpoint, environment: StateEnvironment): string {
  const where = formatEndpoint(endpoint);
  if (new KnownHosts(new PrivateFiles(stateFolder(environment))).forget(endpoint)) {
    return `${where} is forgotten`;
  }
  throw new Exit(EXIT.failed, `${where} is not known as a private chat: check host and port`);
}

function nameOf({ host, port }: Endpoint): string {
  return formatEndpoint({ host: host.toLowerCase(), port });
}

function readHost(value: unknown): KnownHost {
  const { certificate, secret, code } = value as Readonly<Record<string, unknown>>;
  const der = typeof certificate === "string" ? parsePem(certificate, "CERTIFICATE") : null;
  if (der === null) throw new Error("no certificate");
  const host = { certificate: formatPem(der, "CERTIFICATE") };
  if (typeof secret === "string" && Uint8Array.fromHex(secret).length === SECRET_SIZE) {
    return { ...host, secret };
  }
  if (typeof code === "string" && parseCode(code) === code) return { ...host, code };
  if (secret === undefined && code === undefined) return host;
  throw new Error("no key");
}
