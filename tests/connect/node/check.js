// Calls a service with the stock Connect client and prints what came of it, one JSON document on stdout.
// usage: node check.js BASE_URL DESCRIPTORS   (a serialised FileDescriptorSet)
import { readFileSync } from "node:fs";
import { createFileRegistry, fromBinary, toJson } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { compressionGzip, createConnectTransport } from "@connectrpc/connect-node";

const [baseUrl, descriptors] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(descriptors)));
const service = registry.getService("vcs.v1.VCSService");
const codes = Object.keys(Code).filter((name) => Number.isNaN(Number(name)));
const snake = (name) => name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase();

async function outcome(call) {
  try {
    const [method, answer] = await call();
    return toJson(service.method[method].output, answer);
  } catch (error) {
    const known = ConnectError.from(error);
    return { code: snake(Code[known.code]), message: known.rawMessage };
  }
}

async function check(options) {
  const transport = createConnectTransport({ baseUrl, httpVersion: "1.1", ...options });
  const client = createClient(service, transport);
  const call = (method, request, settings) => outcome(async () => [method, await client[method](request, settings)]);
  const found = {
    app: await call("githubApp", {}),
    login: await call("githubLogin", { authorizationCode: "c" }),
    file: await call("getFile", { repositoryURL: "r", ref: "3000", localPath: "main.go" }),
    commits: await call("getCommits", { repositoryUrl: "r", refs: ["a", "b"] }),
    unexpected: await call("getCommit", { ref: "x" }),
    timeout: await call("githubRefresh", {}, { timeoutMs: 200 }),
    errors: {},
  };
  for (const code of codes.map(snake)) {
    found.errors[code] = await call("getFile", { ref: code });
  }
  return found;
}

const results = {};
for (const useBinaryFormat of [true, false]) {
  for (const gzip of [true, false]) {
    const compression = gzip
      ? { sendCompression: compressionGzip, acceptCompression: [compressionGzip], compressMinBytes: 0 }
      : { acceptCompression: [] };
    const name = `${useBinaryFormat ? "proto" : "json"}-${gzip ? "gzip" : "identity"}`;
    results[name] = await check({ useBinaryFormat, ...compression });
  }
}
// Kept-alive connections would hold the process; exiting before the pipe has taken everything would cut it off.
process.stdout.write(JSON.stringify(results), () => process.exit(0));
