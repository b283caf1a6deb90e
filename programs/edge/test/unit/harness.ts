/** Tests that run inside workerd: a Worker that names them, and runs the one it is asked for. */
export type Env = { SITES: R2Bucket; INBOX: R2Bucket; STORE: KVNamespace; LIMIT: RateLimit };
export type Test = (env: Env) => void | Promise<void>;

const tests = new Map<string, Test>();

export function test(name: string, body: Test): void {
  if (tests.has(name)) throw new Error(`two tests are called ${name}`);
  tests.set(name, body);
}

export async function answer(request: Request, env: Env): Promise<Response> {
  const name = new URL(request.url).searchParams.get("name");
  if (name === null) return Response.json([...tests.keys()]);
  try {
    await tests.get(name)!(env);
    return Response.json({ ok: true });
  } catch (error) {
    return Response.json({ ok: false, error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

/** The same numbers in every run. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
