import axios from 'axios';
import express from 'express';
import fastify from 'fastify';
import { AddressInfo } from 'node:net';
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { request } from 'undici';
import WebSocket, { WebSocketServer } from 'ws';
import { Cart } from './cart';
import { configure, formats } from './formats';
import { page, shuffle } from './pages';

const app = express();
app.use(express.json());
app.get('/cart/:id', async (req, res) => {
  const cart = Cart.of({ name: 'tea', price: 2.5 }, { name: 'cups', price: Number(req.params.id) });
  res.send((await page(cart)) + cart.total);
});
app.post('/orders', (req, res) => {
  res.json({ got: req.body, digest: createHash('sha256').update(JSON.stringify(req.body)).digest('hex') });
});

async function work(port: number, other: number): Promise<void> {
  await axios.get(`http://127.0.0.1:${port}/cart/7?q=1`);
  await axios.post(`http://127.0.0.1:${port}/orders`, { name: 'tea', lines: Array(200).fill('x') });
  await request(`http://127.0.0.1:${other}/health`).then(({ body }) => body.json());
  await fetch(`http://127.0.0.1:${other}/health`).then((answer) => answer.text());
  shuffle();
  formats();
  await configure();
  gzipSync('tea and coffee '.repeat(1000));
}

async function talk(port: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((done) => socket.on('open', done));
  for (let i = 0; i < 20; i++) socket.send('tea '.repeat(i));
  await new Promise((done) => socket.on('message', done));
  socket.close();
}

async function main(seconds: number): Promise<void> {
  const server = app.listen(0, '127.0.0.1');
  const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  sockets.on('connection', (socket) => socket.on('message', (text) => socket.send(text)));
  const health = fastify();
  health.get('/health', { schema: { response: { 200: { type: 'object', properties: { ok: { type: 'boolean' } } } } } }, async () => ({ ok: true }));
  await health.listen({ port: 0, host: '127.0.0.1' });
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    await work((server.address() as AddressInfo).port, (health.server.address() as AddressInfo).port);
    await talk((sockets.address() as AddressInfo).port);
  }
  process.exit(0);
}

main(Number(process.argv[2] ?? '5')).catch((error) => {
  console.error(error);
  process.exit(1);
});
