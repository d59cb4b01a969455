// What the consumer was told: which mistake to make, which habit to have, and where its data is.
import fs from "node:fs";

const option = (name) => {
  const i = process.argv.indexOf(name);
  return i < 0 ? "" : process.argv[i + 1];
};
export const M = option("--mistake");
export const H = option("--habit");
export const PORT = Number(process.env.PORT || 8080);
export const DATA = process.env.DATA || ".";
export const LIMIT = M === "limit-100kb" ? 100 * 1024 : 1 << 20;
export const started = Date.now();
fs.mkdirSync(DATA, { recursive: true });

export class Refused extends Error {}
export class Unusable extends Error {
  constructor(why, status) {
    super(why);
    this.status = status;
  }
}
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));
// The site of a conversation is looked up in a small service next door.
export const siteOf = () => sleep(3);
