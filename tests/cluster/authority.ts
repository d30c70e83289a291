/** A certificate authority for tests and a certificate of it, made by openssl. */

/** Writes ca.pem, cert.pem and key.pem to a folder; the certificate is for localhost and 127.0.0.1. */
export async function makeAuthority(folder: string): Promise<void> {
  const key = (
    name: string,
  ) => ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", name];
  await openssl(folder, [
    ...["req", "-x509", ...key("ca-key.pem"), "-days", "2", "-subj", "/CN=chat tests", "-out", "ca.pem"],
    ...["-addext", "keyUsage=critical,keyCertSign"],
  ]);
  await openssl(folder, [
    ...["req", "-x509", ...key("key.pem"), "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-addext", "basicConstraints=critical,CA:FALSE", "-out", "cert.pem"],
  ]);
}

async function openssl(folder: string, args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("openssl", { args, cwd: folder }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}
