// A registry on this machine with the packages of build/npm, for the tests: node registry.mjs PORT_FILE. It writes its
// address into that file once it listens, and ends when its standard input does.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';

const packed = new URL('../../build/npm/', import.meta.url);
const packages = new Map();

// The first file of a tarball that npm packed is package/package.json, or not: each has a header of 512 bytes.
function manifest(tarball) {
    const tar = gunzipSync(tarball);
    for (let at = 0; tar[at]; ) {
        const name = tar.toString('utf8', at, at + 100).replace(/\0.*$/s, '');
        const size = parseInt(tar.toString('latin1', at + 124, at + 136), 8);
        if (name === 'package/package.json') return JSON.parse(tar.toString('utf8', at + 512, at + 512 + size));
        at += 512 + Math.ceil(size / 512) * 512;
    }
    throw new Error('a tarball without package.json');
}

for (const file of readdirSync(packed).filter((name) => name.endsWith('.tgz'))) {
    const tarball = readFileSync(new URL(file, packed));
    const { name, version, ...rest } = manifest(tarball);
    packages.set(name, { file, tarball, version, manifest: { name, version, ...rest } });
}

const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url).slice(1);
    const found = packages.get(path);
    const tarball = [...packages.values()].find((one) => path === `-/${one.file}`)?.tarball;
    if (tarball) return response.end(tarball);
    if (!found) return response.writeHead(404).end('{}');
    const dist = {
        tarball: `http://${request.headers.host}/-/${found.file}`,
        integrity: `sha512-${createHash('sha512').update(found.tarball).digest('base64')}`,
    };
    const versions = { [found.version]: { ...found.manifest, dist } };
    response.end(JSON.stringify({ name: path, 'dist-tags': { latest: found.version }, versions }));
});
server.listen(0, '127.0.0.1', () => writeFileSync(process.argv[2], `http://127.0.0.1:${server.address().port}/`));
process.stdin.resume().on('end', () => process.exit());
