#!/usr/bin/env node
// libsysprompt.so from Node.js, by koffi (npm install koffi): count a text, build a prompt, print the tokens of each
// source.
//
//   node sysprompt.mjs [DIRECTORY [AGENT]]      SYSPROMPT_LIBRARY names the library, if it is not installed
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

// From where the program was started, so that koffi is found in the caller's node_modules.
const koffi = createRequire(pathToFileURL(join(process.cwd(), "/")))("koffi");
const library = koffi.load(process.env.SYSPROMPT_LIBRARY ?? "libsysprompt.so.1");
const free = library.func("void sp_free(void *bytes)");
const answer = koffi.disposable("Answer", "str", free);
const runJson = library.func("sp_run_json", "int", ["str", koffi.out(koffi.pointer(answer)), "void *", "void *"]);

// Runs a command of sysprompt; returns its result. Throws the messages of one that fails.
export function run(command, operands = [], options = {}) {
    const document = [null];
    if (runJson(JSON.stringify({ command, operands, options }), document, null, null) !== 0)
        throw new Error("out of memory");
    const { exit_code, messages, result } = JSON.parse(document[0]);
    if (exit_code !== 0) throw new Error(messages.map((message) => message.message).join("; "));
    return result;
}

const [directory = ".", ...agent] = process.argv.slice(2);
const options = { C: directory, encoding: "o200k_base" };
console.log(run("count", [join(directory, "CLAUDE.md")]).tokens, "tokens in CLAUDE.md");
const prompt = run("build", agent, options);
console.log(prompt.tokens, "tokens in the prompt,", Buffer.byteLength(prompt.text), "bytes");
for (const source of run("explain", agent, options).sources)
    console.log(`${String(source.tokens).padStart(6)}  ${source.path ?? "(generated)"}`);
