// One file for Home Assistant to serve. It begins with the hash of what it was built from, by which a test sees,
// without Node, that somebody has forgotten to build: tests/integration/test_card_build.py computes the same.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, transformWithEsbuild } from "vite";

const HERE = import.meta.dirname;
const SETTINGS = ["package-lock.json", "package.json", "tsconfig.json", "vite.config.js"];

function sources() {
  const found = readdirSync(join(HERE, "src"), { recursive: true, withFileTypes: true });
  const files = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return [...files.map((file) => file.slice(HERE.length + 1).replaceAll("\\", "/")), ...SETTINGS].sort();
}

function sourcesHash() {
  const hash = createHash("sha256");
  for (const name of sources()) {
    hash.update(`${name}\0`).update(readFileSync(join(HERE, name)));
  }
  return hash.digest("hex");
}

/** Vite leaves the white space of modules alone; nobody reads this one. */
const small = {
  name: "small",
  async generateBundle(_, bundle) {
    for (const chunk of Object.values(bundle)) {
      const { code } = await transformWithEsbuild(chunk.code, chunk.fileName, {
        minify: true,
        target: "es2022",
        legalComments: "none",
        sourcemap: false,
      });
      chunk.code = `/*! sources ${sourcesHash()} */\n${code}`;
    }
  },
};

export default defineConfig({
  plugins: [small],
  build: {
    outDir: "../custom_components/tesla_twc/frontend",
    emptyOutDir: false,
    target: "es2022",
    lib: { entry: "src/main.ts", formats: ["es"], fileName: () => "tesla-twc.js" },
  },
});
