// A file as pieces of text with "\n" at every line end, and how much of it is read.
import { encodingOf } from "./encoding.ts";

const PIECE_BYTES = 1 << 20;

export interface Piece {
  text: string;
  bytesRead: number;
}

/** Reads slice by slice, so that never more than one piece is in memory. */
export async function* pieces(file: Blob): AsyncGenerator<Piece> {
  const decoder = new TextDecoder(await encodingOf(file));
  let held = "";
  for (let from = 0; from < file.size; from += PIECE_BYTES) {
    const bytesRead = Math.min(from + PIECE_BYTES, file.size);
    const bytes = await file.slice(from, bytesRead).arrayBuffer();
    let text = held + decoder.decode(bytes, { stream: bytesRead < file.size });
    // Half of a "\r\n" may be in the next piece.
    held = text.endsWith("\r") && bytesRead < file.size ? "\r" : "";
    if (held) text = text.slice(0, -1);
    yield { text: text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text, bytesRead };
  }
}
