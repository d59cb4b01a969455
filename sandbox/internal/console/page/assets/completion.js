// completion.js finds the words that may stand at a place of a scenario, from its JSON Schema.

export class Words {
  constructor(schema) {
    this.defs = schema.$defs;
  }

  // at is { typed, words } for the text before the cursor, or null where nothing can be said.
  at(before) {
    const lines = before.split("\n");
    const line = lines.at(-1);
    if (/#/.test(line)) return null;
    const typed = /[A-Za-z0-9_-]*$/.exec(line)[0];
    const head = line.slice(0, line.length - typed.length);
    const workload = /^(mix|arrivals|population):/m.test(before);
    const top = this.defs[workload ? "workload" : "scenario"].properties;

    if (head === "") return { typed, words: keys(top) };
    const inside = /([A-Za-z-]+):\s*\{([^{}]*)$/.exec(head);
    if (inside) {
      const schema = this.step(inside[1]) ?? top[inside[1]];
      return this.inside(schema, inside[2], typed);
    }
    const block = this.block(lines);
    if (/^\s*- $/.test(head)) return this.items(block, top, typed);
    const value = /^\s*(?:- )?([A-Za-z-]+):\s+$/.exec(head);
    if (value) return this.values(this.step(value[1]) ?? top[value[1]], typed);
    return null;
  }

  // block is the key of the list in which the last line stands: steps, faults, mix …
  block(lines) {
    let indent = /^ */.exec(lines.at(-1))[0].length;
    for (const line of lines.slice(0, -1).reverse()) {
      const found = /^( *)(?:- )?([A-Za-z-]+):\s*(?:#.*)?$/.exec(line);
      if (found && found[1].length <= indent) return found[2];
      if (/^ *- /.test(line)) indent = Math.min(indent, /^ */.exec(line)[0].length);
    }
    return "";
  }

  items(block, top, typed) {
    if (["steps", "hold", "park", "interrupt", "do"].includes(block)) return { typed, words: this.steps() };
    const items = this.resolve(this.resolve(top[block])?.items);
    return items?.properties ? { typed, words: keys(items.properties) } : null;
  }

  // steps are the words that begin a step.
  steps() {
    return keys(this.stepSchema());
  }

  stepSchema() {
    const found = {};
    const walk = (schema) => {
      const s = this.resolve(schema);
      Object.assign(found, s?.properties ?? {});
      for (const one of [...(s?.anyOf ?? []), ...(s?.oneOf ?? [])]) if (one.properties || one.$ref) walk(one);
    };
    walk(this.defs.step);
    return found;
  }

  step(word) {
    return this.stepSchema()[word];
  }

  // inside completes {a: …, b: …}: a key, or the value of the last key.
  inside(schema, written, typed) {
    const properties = this.resolve(schema)?.properties ?? {};
    const last = written.split(",").at(-1);
    const value = /^\s*([A-Za-z-]+):\s+$/.exec(last);
    if (value) return this.values(properties[value[1]], typed);
    if (!/^\s*$/.test(last)) return null;
    const used = new Set([...written.matchAll(/([A-Za-z-]+):/g)].map((m) => m[1]));
    return { typed, words: keys(properties).filter((w) => !used.has(w.word)) };
  }

  values(schema, typed) {
    const words = this.resolve(schema)?.enum;
    return words ? { typed, words: words.map((word) => ({ word: String(word), insert: String(word), says: "" })) } : null;
  }

  resolve(schema) {
    const name = /^#\/\$defs\/(.+)$/.exec(schema?.$ref ?? "")?.[1];
    return name ? this.defs[name] : schema;
  }
}

function keys(properties) {
  return Object.entries(properties).map(([word, schema]) => ({
    word, says: schema.description ?? "", insert: `${word}: `,
  }));
}
