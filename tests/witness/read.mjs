// Reads Content Credentials with the vendor's WebAssembly build, which is made for browsers, under node.
//
// Standard input: a JSON list of {"format": MIME type, "path": file}. Standard output: a JSON list in the same order of
// {"state", "codes", "manifest", "report"} or {"error"}.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { initSync, WasmReader } from "@contentauth/c2pa-wasm";

// Browsers fetch the module; here it is read. Nothing else may reach for the network.
initSync({ module: readFileSync(createRequire(import.meta.url).resolve("@contentauth/c2pa-wasm/c2pa.wasm")) });
globalThis.fetch = () => {
  throw new Error("the witness does not use the network");
};

const settings = JSON.stringify({ verify: { verify_trust: false, remote_manifest_fetch: false, ocsp_fetch: false } });

async function read({ format, path }) {
  let reader;
  try {
    reader = await WasmReader.fromBytes(format, readFileSync(path), settings);
  } catch (error) {
    return { error: String(error) };
  }
  const store = JSON.parse(reader.json());
  return {
    state: store.validation_state,
    codes: (store.validation_results?.activeManifest?.failure ?? []).map((one) => one.code),
    manifest: store.manifests[store.active_manifest],
    manifests: store.manifests,
    report: JSON.parse(reader.crJson()),
  };
}

const answers = [];
for (const file of JSON.parse(readFileSync(0, "utf-8"))) {
  answers.push(await read(file));
}
process.stdout.write(JSON.stringify(answers));
