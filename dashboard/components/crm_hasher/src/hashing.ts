// SHA-256 by the browser itself, many values at once.

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const encoder = new TextEncoder();

/** The hashes of texts as 64 lower hex digits, in their order. */
export async function sha256All(texts: string[]): Promise<string[]> {
  return Promise.all(texts.map(sha256));
}

export async function sha256(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));
  let hex = "";
  for (const byte of digest) hex += HEX[byte];
  return hex;
}
