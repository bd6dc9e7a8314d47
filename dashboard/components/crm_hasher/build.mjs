// Bundles src/ into built/: the page's part, and the worker with what it loads when needed.
// built/SOURCES names the digest of what it was made from; a test compares the two.
import { createHash } from "node:crypto";
import { readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const OUT = process.argv[2] ?? "built";
// The first line says so to readers; and Streamlit takes a text of one line for a file's name.
const BANNER = "/* Built from src/ by build.mjs. */";
const SHARED = {
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  charset: "utf8",
  legalComments: "none",
  banner: { js: BANNER, css: BANNER },
};

rmSync(OUT, { recursive: true, force: true });
await build({ ...SHARED, entryPoints: ["src/ui/page.ts"], outfile: `${OUT}/page.js` });
await build({ ...SHARED, entryPoints: ["src/ui/style.css"], outfile: `${OUT}/style.css` });
await build({
  ...SHARED,
  entryPoints: ["src/worker.ts"],
  outdir: OUT,
  splitting: true,
  chunkNames: "[name]-[hash]",
});
writeFileSync(`${OUT}/SOURCES`, `${digest()}\n`);

function digest() {
  const files = readdirSync("src", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`);
  const hash = createHash("sha256");
  for (const file of [...files, "build.mjs", "package-lock.json"].sort()) {
    hash.update(`${file}\0`).update(readFileSync(file)).update("\0");
  }
  return hash.digest("hex");
}
