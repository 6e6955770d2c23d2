import * as hoek from '@hapi/hoek';
import Config from '@npmcli/config';
import { definitions, flatten, shorthands } from '@npmcli/config/lib/definitions';
import Ajv from 'ajv';
import dayjs from 'dayjs';
import debug from 'debug';
import yaml from 'js-yaml';
import moment from 'moment';
import pino from 'pino';
import semver from 'semver';
import { v5 } from 'uuid';
import winston from 'winston';
import { Writable } from 'node:stream';
import { z } from 'zod';

const Order = z.object({ name: z.string().min(1), count: z.number().int().positive().default(1) });
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
const logger = winston.createLogger({ transports: [new winston.transports.Stream({ stream: nowhere })] });
debug.enable('none');

export function formats(): void {
  Order.array().parse([{ name: 'tea' }, { name: 'cups', count: 6 }]);
  new Ajv().compile({ type: 'object', properties: { a: { type: 'number' } }, required: ['a'] })({ a: 1 });
  yaml.load(yaml.dump({ cart: [{ name: 'tea' }, { name: 'cups' }], n: 1.5 }));
  moment('2024-07-01').add(3, 'months').format('dddd, MMMM Do YYYY');
  dayjs('2024-07-01').add(3, 'month').format('YYYY-MM-DD');
  semver.satisfies('7.6.2', '>=1.2.3 <8 || ^9.0.0-rc.1');
  hoek.merge(hoek.clone({ a: { b: [1, 2] } }), { a: { c: 3 } });
  v5('tea', v5.URL);
  debug('shop')('cart %o', { a: 1 });
  pino(nowhere).info({ cart: 1 }, 'asked %s', 'tea');
  logger.info('asked', { name: 'tea' });
}

export async function configure(): Promise<void> {
  const config = new (Config as any)({ npmPath: __dirname, definitions, shorthands, flatten, argv: ['node', 'x', '--json'], env: {}, cwd: __dirname });
  await config.load();
  config.get('json');
}
