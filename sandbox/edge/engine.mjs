// One workerd at a time: a new configuration replaces it, a configuration that does not start is rolled back.
import { readFileSync } from "node:fs";
import { Miniflare } from "./modules.mjs";
import { edgeOptions } from "./options.mjs";
import { Output } from "./output.mjs";

const PAGE = 4096;
const TICKS = 100; // per second of CPU time in /proc

export class Engine {
  #settings;
  #output = new Output();
  #miniflare = null;
  #good = null;
  #state = "empty";
  #generation = 0;
  #lastError = null;
  #queue = Promise.resolve();

  constructor(settings) {
    this.#settings = settings;
  }

  health() {
    return {
      state: this.#state,
      generation: this.#generation,
      lastError: this.#lastError,
      rss: process.memoryUsage.rss(),
      ...workerdUse(),
    };
  }

  apply(config) {
    const turn = this.#queue.then(() => this.#apply(config));
    this.#queue = turn.catch(() => {});
    return turn;
  }

  async #apply(config) {
    if (config.generation < this.#generation) return [409, { error: "stale generation", generation: this.#generation }];
    const began = performance.now();
    try {
      await this.#start(config);
    } catch (error) {
      return [422, { error: this.#explain(error), rolledBack: await this.#rollBack() }];
    }
    this.#good = config;
    this.#generation = config.generation;
    this.#state = "ready";
    this.#lastError = null;
    return [200, { generation: config.generation, ms: Math.round(performance.now() - began) }];
  }

  async #start(config) {
    this.#output.forget();
    const options = edgeOptions(config, this.#settings, this.#output);
    if (this.#miniflare) {
      await this.#miniflare.setOptions(options);
    } else {
      this.#miniflare = new Miniflare(options);
    }
    await this.#miniflare.ready;
  }

  async #rollBack() {
    this.#state = "config_error";
    if (!this.#good) {
      // An instance whose first start failed cannot be given other options.
      await this.#miniflare?.dispose().catch(() => {});
      this.#miniflare = null;
      return false;
    }
    await this.#start(this.#good);
    this.#state = "ready";
    return true;
  }

  #explain(error) {
    this.#lastError = this.#output.failure() || String(error?.message ?? error);
    return this.#lastError;
  }

  async dispose() {
    this.#state = "stopping";
    await this.#miniflare?.dispose();
  }
}

// Bytes and seconds; nothing on a system without /proc.
function workerdUse() {
  try {
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(/\s+/).filter(Boolean);
    const stats = children.map((pid) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").pop().split(" "));
    const sum = (take) => stats.reduce((total, fields) => total + take(fields), 0);
    return { workerd: sum((fields) => fields[21] * PAGE), cpu: sum((fields) => Number(fields[11]) + Number(fields[12])) / TICKS };
  } catch {
    return { workerd: 0, cpu: 0 };
  }
}
