// Lays a brotli file beside each file of the built console: the server sends those as they are,
// and the best compression takes too long to do it while somebody waits.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const folder = process.argv[2] ?? "dist";
const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
let total = 0;
for (const name of readdirSync(folder)) {
  // What an administrator may change where the console is hosted must not have a second form.
  if (name.endsWith(".br") || name === "config.json") continue;
  const packed = brotliCompressSync(readFileSync(join(folder, name)), { params });
  writeFileSync(join(folder, `${name}.br`), packed);
  total += packed.length;
}
console.log(`   ${Math.ceil(total / 1024)} KiB in all, of which a page loads a part`);
