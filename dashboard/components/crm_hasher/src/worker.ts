// Reads and hashes beside the page. Its answer from the server forbids it any connection.
import { hashFile, open } from "./job.ts";
import { NotNormal } from "./normalise/definition.ts";
import { normaliser } from "./normalise/normaliser.ts";
import { sha256 } from "./hashing.ts";
import { Refused, type Reply, type Request } from "./types.ts";

const SAY_EVERY_MS = 100;

self.onmessage = async (event: MessageEvent<Request>) => {
  const request = event.data;
  try {
    reply(await answer(request));
  } catch (error) {
    const isRefused = error instanceof Refused;
    reply({
      kind: "refused",
      id: request.id,
      reason: isRefused ? error.reason : "unexpected",
      message: isRefused ? error.message : "This file cannot be read here.",
    });
  }
};

async function answer(request: Request): Promise<Reply> {
  const { id, config } = request;
  if (request.kind === "open") return { kind: "opened", id, opened: await open(request.file, config) };
  if (request.kind === "normalise") return { kind: "normalised", id, value: await one(request) };
  const { file, columns, mode } = request;
  const hashed = await hashFile(file, columns, mode, config, throttled(id));
  return { kind: "hashed", id, hashed };
}

/** One value in its normal form and its hash, or why it has none. */
async function one(request: Extract<Request, { kind: "normalise" }>): Promise<unknown> {
  const { type, profile, raw, config } = request;
  try {
    const text = normaliser(config.definition, type, profile, config.country || null)(raw);
    return { text, sha256: await sha256(text) };
  } catch (error) {
    if (error instanceof NotNormal) return { problem: error.reason };
    throw error;
  }
}

function throttled(id: number): (share: number, lines: number, rejected: number) => void {
  let said = 0;
  return (share, lines, rejected) => {
    const now = performance.now();
    if (now - said < SAY_EVERY_MS) return;
    said = now;
    reply({ kind: "progress", id, share, lines, rejected });
  };
}

function reply(message: Reply): void {
  self.postMessage(message);
}
