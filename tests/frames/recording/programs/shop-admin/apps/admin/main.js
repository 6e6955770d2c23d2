import express from 'express';
import fastify from 'fastify';
import { report, configure } from './lib/report.js';

const app = express();
app.get('/reports/:year', (req, res) => res.json(report(Number(req.params.year))));
const server = app.listen(0, '127.0.0.1');
const health = fastify();
health.get('/health', async () => ({ ok: true }));
await health.listen({ port: 0, host: '127.0.0.1' });
const end = Date.now() + Number(process.argv[2] ?? '5') * 1000;
while (Date.now() < end) {
  await fetch(`http://127.0.0.1:${server.address().port}/reports/2024`).then((answer) => answer.json());
  await fetch(`http://127.0.0.1:${health.server.address().port}/health`).then((answer) => answer.text());
  await configure();
}
process.exit(0);
