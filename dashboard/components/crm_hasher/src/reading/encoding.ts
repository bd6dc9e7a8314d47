// Which characters the bytes stand for: UTF-8 if they can be, else what Excel writes here.

const BOMS: [string, number[]][] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The label of the file's encoding; reads the file once when it is not marked. */
export async function encodingOf(file: Blob): Promise<string> {
  const start = new Uint8Array(await file.slice(0, 3).arrayBuffer());
  const marked = BOMS.find(([, bom]) => bom.every((byte, i) => start[i] === byte));
  if (marked) return marked[0];
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    const reader = file.stream().getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      decoder.decode(read.value, { stream: true });
    }
    decoder.decode();
  } catch {
    return "windows-1252";
  }
  return "utf-8";
}
