// Preloaded with `node -r`: profiles as Pyroscope's agent does, with source maps if asked, but into a file.
'use strict';
const fs = require('node:fs');
const path = require('node:path');
const modules = path.join(process.cwd(), 'node_modules');
const pprof = require(path.join(modules, '@datadog/pprof'));
const { processProfile } = require(path.join(modules, '@pyroscope/nodejs/dist/cjs/utils/process-profile.js'));

const [file, mapped] = process.env.PROFILE_INTO.split(',');
const mapper = mapped === 'mapped' ? pprof.SourceMapper.create([process.cwd()]) : Promise.resolve(undefined);
mapper.then((sourceMapper) => {
  pprof.time.start({ intervalMicros: 1000, sourceMapper });
  // Before the profiler's own listener, which stops it.
  process.prependListener('exit', () => {
    fs.writeFileSync(file, pprof.encodeSync(processProfile(pprof.time.stop())));
  });
});
