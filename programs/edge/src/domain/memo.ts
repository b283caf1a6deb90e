/** Values an isolate may remember for a moment. Values only: a promise of one request must not be awaited by another. */
export class Memo<T> {
  #entries = new Map<string, { value: T; until: number }>();
  #cap: number;

  constructor(cap: number) {
    this.#cap = cap;
  }

  async get(key: string, ttl: number, load: () => Promise<T>): Promise<T> {
    const known = this.#entries.get(key);
    if (known && known.until > Date.now()) return known.value;
    const value = await load();
    this.#entries.delete(key);
    if (this.#entries.size >= this.#cap) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.set(key, { value, until: Date.now() + ttl });
    return value;
  }
}
