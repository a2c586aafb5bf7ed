#!/usr/bin/env node
// Starts the program of this machine's platform package, which npm installed as an optional dependency.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { constants } from 'node:os';

const name = `@sysprompt/${process.platform}-${process.arch}`;
let program;
try {
    program = createRequire(import.meta.url).resolve(`${name}/sysprompt`);
} catch {
    console.error(`sysprompt: the package ${name} is not installed. Either there is no program for this platform, or npm left
out optional dependencies: install again without --omit=optional.`);
    process.exit(2);
}
const ended = spawnSync(program, process.argv.slice(2), { stdio: 'inherit' });
if (ended.error) {
    console.error(`sysprompt: cannot start ${program}: ${ended.error.message}`);
    process.exit(3);
}
process.exit(ended.status ?? 128 + (constants.signals[ended.signal] ?? 0));
