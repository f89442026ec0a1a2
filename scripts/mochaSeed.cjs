// Properties are tried on the same values in every run of `npm test`, so that a failure says something about the change under test; `npm run fuzz`
// and PROPERTY_SEED look further.
const fc = require('fast-check');

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20261125) });
