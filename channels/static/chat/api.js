// The chat API over fetch. Failures are of two kinds: Offline (try again) and Refused (the server said why).

const BASE = new URL("../../api/v1/conversations", import.meta.url).href;
const ANSWER_MS = 25_000;
const SILENCE_MS = 40_000;

export class Offline extends Error {}

export class Refused extends Error {
  constructor(status, code, message, wait) {
    super(message);
    this.status = status;
    this.code = code;
    this.wait = wait;
  }

  // The conversation itself is over: deleted, expired, or another gateway's.
  get ended() {
    return this.status === 401 || this.status === 403 || this.status === 404;
  }
}

async function ask(path, token, options = {}) {
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  if (options.body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(BASE + path, {
      cache: "no-store",
      credentials: "omit",
      signal: AbortSignal.timeout(ANSWER_MS),
      ...options,
      headers,
    });
  } catch {
    throw new Offline();
  }
  if (response.ok) return response;
  // 408: it did not arrive completely.
  if (response.status >= 500 || response.status === 408) throw new Offline();
  const { error = {} } = await response.json().catch(() => ({}));
  throw new Refused(response.status, error.code, error.message, Number(response.headers.get("Retry-After")));
}

async function json(...request) {
  const response = await ask(...request);
  try {
    return response.status === 204 ? null : await response.json();
  } catch {
    throw new Offline();
  }
}

export const open = () => json("", null, { method: "POST", body: "{}" });

export const say = ({ id, token }, said) =>
  json(`/${id}/messages`, token, { method: "POST", body: JSON.stringify(said) });

export const history = ({ id, token }, after) => json(`/${id}/messages?after=${after}`, token);

export const erase = ({ id, token }) => json(`/${id}`, token, { method: "DELETE" });

// Reads server-sent events until the stream ends; silence beyond the heartbeat counts as an end.
export async function listen({ id, token }, after, signal, heard) {
  const quiet = new AbortController();
  const either = AbortSignal.any([signal, quiet.signal]);
  let timer;
  const alive = () => {
    clearTimeout(timer);
    timer = setTimeout(() => quiet.abort(), SILENCE_MS);
  };
  alive();
  try {
    const response = await ask(`/${id}/stream?after=${after}`, token, { signal: either });
    heard("open");
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let buffer = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      alive();
      const events = (buffer + value).split("\n\n");
      buffer = events.pop();
      for (const event of events) {
        const name = /^event: (.*)$/m.exec(event);
        const data = /^data: (.*)$/m.exec(event);
        if (name && data) heard(name[1], JSON.parse(data[1]));
      }
    }
  } catch (error) {
    throw error instanceof Refused ? error : new Offline();
  } finally {
    clearTimeout(timer);
  }
}
