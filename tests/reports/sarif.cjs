// Holds SARIF documents against the published schema, which comes with an npm package.
//   node sarif.cjs NODE_MODULES FILE...
const fs = require('fs');
const path = require('path');
const [modules, ...files] = process.argv.slice(2);
const sarif = path.join(modules, '@microsoft/jest-sarif');
const find = name => [sarif, modules].map(at => path.join(at, at === modules ? name : `node_modules/${name}`)).find(fs.existsSync);
const Ajv = require(find('ajv'));
const ajv = new Ajv({ schemaId: 'auto', unknownFormats: 'ignore', allErrors: true });
ajv.addMetaSchema(require(path.join(find('ajv'), 'lib/refs/json-schema-draft-04.json')));
const valid = ajv.compile(JSON.parse(fs.readFileSync(path.join(sarif, 'lib/schemas/sarif-2.1.0-rtm.5.json'), 'utf8')));
for (const file of files) {
    const log = JSON.parse(fs.readFileSync(file, 'utf8'));
    if (!valid(log)) {
        console.log(`${file}: ${JSON.stringify(valid.errors[0])}`);
        process.exitCode = 1;
    }
    // What a schema cannot say: each result names its rule, and no two have one fingerprint.
    const { tool, results } = log.runs[0];
    const prints = new Set(results.map(result => result.partialFingerprints['sysprompt/v1']));
    if (prints.size !== results.length || results.some(r => tool.driver.rules[r.ruleIndex].id !== r.ruleId)) {
        console.log(`${file}: a result has the fingerprint of another, or the index of another rule`);
        process.exitCode = 1;
    }
}
