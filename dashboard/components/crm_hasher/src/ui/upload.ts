// Sending the hashed file in parts, each a CSV of its own that the server checks by itself.
import type { HashedFile } from "../types.ts";
import { Failed } from "./engine.ts";

const PART_BYTES = 2 << 20;
const WAITS_MS = [500, 2000, 8000];

export interface Received {
  lines: number;
  accepted: number;
  rejected: Record<string, number>;
  file_name: string;
}

/** A replacement that would withdraw much of its list, and waits for somebody to confirm it. */
export interface Shrink {
  message: string;
  /** The name that has to be typed. */
  client: string;
  parts: number;
  ticket: string;
}

export class Shrinks extends Failed {
  constructor(readonly ask: Shrink) {
    super("shrink", ask.message);
  }
}

/** It is meant: the name typed says so. Throws Failed. */
export async function confirmShrink(ask: Shrink, typed: string): Promise<Received> {
  const body = new Blob([JSON.stringify({ confirmed_for: typed })]);
  const received = await post(`/crm-uploads/finish/${ask.parts}`, ask.ticket, body);
  return received as unknown as Received;
}

/** It is not meant: what was sent is removed. */
export async function giveUp(ask: Shrink): Promise<void> {
  await tried("/crm-uploads/give-up", ask.ticket, null);
}

/** Send everything; the ticket is renewed with every part. Throws Failed. */
export async function send(
  hashed: HashedFile, ticket: string, onProgress: (share: number) => void,
): Promise<Received> {
  const parts = grouped(hashed);
  for (const [number, part] of parts.entries()) {
    const answer = await post(`/crm-uploads/parts/${number}`, ticket, part);
    ticket = String(answer.ticket);
    onProgress((number + 1) / parts.length);
  }
  const received = await post(`/crm-uploads/finish/${parts.length}`, ticket, null);
  return received as unknown as Received;
}

function grouped(hashed: HashedFile): Blob[] {
  const parts: Blob[] = [];
  let group: Blob[] = [];
  let size = 0;
  for (const [i, piece] of hashed.pieces.entries()) {
    group.push(piece);
    size += piece.size;
    if (size < PART_BYTES && i < hashed.pieces.length - 1) continue;
    parts.push(new Blob([hashed.header, ...group]));
    [group, size] = [[], 0];
  }
  return parts;
}

async function post(path: string, ticket: string, body: Blob | null): Promise<Record<string, unknown>> {
  for (const wait of [...WAITS_MS, null]) {
    const answer = await tried(path, ticket, body);
    if (answer?.ok) return (await answer.json()) as Record<string, unknown>;
    if (answer && answer.status < 500) throw await refusal(answer);
    if (wait !== null) await new Promise((done) => setTimeout(done, wait));
  }
  throw new Failed("network", "The server cannot be reached. Nothing was put on the list.");
}

async function tried(path: string, ticket: string, body: Blob | null): Promise<Response | null> {
  try {
    // As plain bytes, so that whoever watches the network sees what is sent.
    const bytes = await body?.arrayBuffer();
    return await fetch(path, { method: "POST", body: bytes, headers: { "X-Matchbook-Ticket": ticket } });
  } catch {
    return null;
  }
}

async function refusal(answer: Response): Promise<Failed> {
  try {
    const said = (await answer.json()) as { message: string; reason: string };
    if (said.reason === "shrink") return new Shrinks(said as unknown as Shrink);
    return new Failed(said.reason, said.message);
  } catch {
    return new Failed("refused", "The server did not take the file.");
  }
}
