// autocannon's signed mode: setupRequest makes and signs each request with node:crypto.
const { createHmac, hash, createHash } = require('node:crypto');
const { readFileSync } = require('node:fs');
const autocannon = require('autocannon');

const body = readFileSync(process.env.BODY, 'utf8');
const secret = Buffer.from(process.env.SECRET, 'base64');
const after = (text, key) => text.indexOf(key) + key.length;
const idAt = after(body, '"id":"');
const timeAt = after(body, '"time":"');
const stampAt = after(body, '"timestamp":"');
const parts = [body.slice(0, idAt), body.slice(idAt + 27, timeAt), body.slice(timeAt + 23, stampAt), body.slice(stampAt + 23)];
const sha256 = hash ? (text) => hash('sha256', text, 'hex') : (text) => createHash('sha256').update(text).digest('hex');
const start = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.';
const run = String(Date.now());
let count = 0;

function setupRequest(request) {
  const now = new Date();
  const text = now.toISOString().slice(0, 23);
  const number = String(count++).padStart(14, '0');
  request.body = parts[0] + run + number + parts[1] + text + parts[2] + text + parts[3];
  const iat = Math.floor(now.getTime() / 1000);
  const claims = `{"iat":${iat},"jti":"00000000-0000-4000-8000-${number.slice(-12)}","iss":"Vonage","payload_hash":"${sha256(request.body)}","exp":${iat + 300}}`;
  const signed = start + Buffer.from(claims).toString('base64url');
  request.headers['Vonage-Signature'] = signed + '.' + createHmac('sha256', secret).update(signed).digest('base64url');
  return request;
}

autocannon({
  url: process.env.URL,
  connections: Number(process.env.CONNECTIONS),
  duration: Number(process.env.FOR.replace('s', '')),
  requests: [{ method: 'POST', headers: { 'Content-Type': 'application/cloudevents+json' }, setupRequest }],
}, () => {});
