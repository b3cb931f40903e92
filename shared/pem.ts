/**
 * Certificates in PEM and nothing else: beside them there may be comments, as bundles have them, but no other block,
 * least of all a private key, which would then be published with them.
 * @returns True when it holds at least one block and each is a certificate by its form.
 */
export function isCertificates(text: string): boolean {
  const blocks = Array.from(text.matchAll(/-----BEGIN ([^-\r\n]+)-----([^-]*)-----END ([^-\r\n]+)-----/g));
  const borders = text.match(/-----(BEGIN|END) /g) ?? [];
  if (blocks.length === 0 || borders.length !== 2 * blocks.length) return false;
  return blocks.every(
    ([, begin, body = "", end]) =>
      begin === "CERTIFICATE" && end === "CERTIFICATE" && isBase64(body.replace(/\s+/g, "")),
  );
}

function isBase64(text: string): boolean {
  return text !== "" && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text);
}
