// js-yaml as a second opinion on front matter: what it reads the program reads alike, what it refuses the program does not
// take for YAML.
//
//   node js-yaml.mjs MODULES PROGRAM KNOWN FILE...
//
// Each FILE is an agent. Prints the differences, and how many files there were of each kind. KNOWN lists files that are to
// differ, each with the reason.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, program, list, ...files] = process.argv.slice(2);
const yaml = createRequire(resolve(modules) + "/")("js-yaml");
const FIELDS = ["name", "description", "model", "memory", "color"];
const count = { alike: 0, refused: 0, known: 0, other: 0, different: 0 };
const known = new Set(readFileSync(list, "utf8").split("\n").filter((line) => line && !line.startsWith("#"))
  .map((line) => line.split(" ")[0]));

function frontOf(file) {
  const bytes = readFileSync(file);
  const text = bytes.toString("utf8");
  const found = /^\uFEFF?---[ \t]*\r?\n([^]*?)\r?\n---+[ \t]*(\r?\n|$)/.exec(text);
  return found && !text.includes("\uFFFD") && !text.includes("\0") ? found[1] : null;
}

function agentOf(file) {
  try {
    return JSON.parse(execFileSync(program, ["build", file, "--json", "--best-effort", "-q"],
                                   { stdio: ["ignore", "pipe", "ignore"], maxBuffer: 1 << 26 })).agent;
  } catch (error) {
    try { return JSON.parse(error.stdout).agent; } catch { return null; }
  }
}

function toolsOf(value) {
  const list = Array.isArray(value) ? value : String(value).split(/,(?![^(]*\))/);
  return list.map((tool) => String(tool).trim()).filter((tool) => tool);
}

function differences(read, agent) {
  const found = [];
  for (const field of FIELDS)
    if (typeof read[field] === "string" && read[field].trim() && read[field].trim() !== (agent[field] ?? "").trim())
      found.push(`${field}: ${JSON.stringify(read[field])} is ${JSON.stringify(agent[field])}`);
  const isText = typeof read.tools === "string" || (Array.isArray(read.tools) && read.tools.every((tool) => typeof tool === "string"));
  if (isText && read.tools.length && agent.tools && JSON.stringify(toolsOf(read.tools)) !== JSON.stringify(agent.tools.map((tool) => tool.trim())))
    found.push(`tools: ${JSON.stringify(toolsOf(read.tools))} is ${JSON.stringify(agent.tools)}`);
  return found;
}

for (const file of files) {
  const front = frontOf(file);
  const agent = front === null ? null : agentOf(file);
  if (!agent) {
    count.other++;
    continue;
  }
  let read, refusal;
  try { read = yaml.load(front); } catch (error) { refusal = error.reason; }
  const isStrict = agent.front_matter === "strict";
  let found = [];
  if (refusal)
    found = isStrict ? [`it is taken for YAML, and js-yaml refuses it: ${refusal}`] : [];
  else if (read === null || typeof read !== "object" || Array.isArray(read))
    found = [];
  else
    found = isStrict ? differences(read, agent) : [`js-yaml reads it, and the program says ${agent.front_matter}`];
  const isKnown = known.has(file);
  if (isKnown && !found.length)
    found = ["it no longer differs; take it off the list"];
  else if (isKnown)
    found = [];
  for (const text of found)
    console.log(`${file}: ${text}`);
  count[found.length ? "different" : isKnown ? "known" : refusal ? "refused" : "alike"]++;
}
console.log(`js-yaml: ${count.alike} read alike, ${count.refused} refused by both, ${count.known} known to differ, ${count.different} different, ` +
            `${count.other} without front matter or an agent`);
process.exit(count.different ? 1 : 0);
