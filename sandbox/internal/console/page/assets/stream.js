// stream.js reads the events of the server, and tries again when they end. A page reads them itself, or all tabs together do so in a
// worker: a browser opens six connections to a server, and each stream keeps one.

// read reads the events until the signal ends that. opened and lost are told when it can and when it cannot; take gets each event as it
// came, and what it returns is waited for: so the server's events are read no faster than they are handled, and it skips some, and says so.
export async function read({ opened, lost, take, signal }) {
  let wait = 500; // ms until the next try
  while (!signal.aborted) {
    try {
      const response = await fetch("/sandbox/v1/events", { headers: { Accept: "text/event-stream" }, signal, cache: "no-store" });
      if (!response.ok) throw new Error(`the server responded with ${response.status}`);
      wait = 500;
      opened();
      await blocks(response.body.pipeThrough(new TextDecoderStream()).getReader(), take);
    } catch {
      // Disconnected, whatever the reason; lost says so.
    }
    if (signal.aborted) return;
    lost();
    await new Promise((r) => setTimeout(r, wait));
    wait = Math.min(wait * 2, 5000);
  }
}

async function blocks(reader, take) {
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const all = (rest + value).split("\n\n");
    rest = all.pop();
    for (const block of all) await take(block);
  }
}
