import { Writable } from 'node:stream';
import * as hoek from '@hapi/hoek';
import Config from '@npmcli/config';
import options from '@npmcli/config/lib/definitions/index.js';
import yaml from 'js-yaml';
import _ from 'lodash';
import semver from 'semver';
import winston from 'winston';

const { definitions, flatten, shorthands } = options;
const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream })] });

class Report {
  #rows = [];

  add(row) {
    this.#rows.push(row);
    return this;
  }

  get sum() {
    return _.sumBy(this.#rows, (row) => row.n);
  }
}

export function report(year) {
  const made = _.range(500).reduce((all, n) => all.add({ n, key: `k${n % 7}` }), new Report());
  const text = yaml.dump(hoek.merge({ year, sum: made.sum }, { at: [1, 2, 3] }));
  semver.rsort(['1.2.3', '1.10.0', '0.9.0-rc.1']);
  logger.info('reported', { year });
  return yaml.load(text);
}

export async function configure() {
  const here = import.meta.dirname;
  const config = new Config({ npmPath: here, definitions, shorthands, flatten, argv: ['node', 'x'], env: {}, cwd: here });
  await config.load();
  return config.get('json');
}
