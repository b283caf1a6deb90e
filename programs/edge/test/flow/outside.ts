/** Control plane, Stripe and Resend as far as the Workers talk to them; each request is kept, each answer can be set. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Party = "control" | "stripe" | "resend";
export type Received = { party: Party; method: string; path: string; headers: Record<string, string | string[] | undefined>; body: string };
export type Reply = { status?: number; headers?: Record<string, string>; body?: unknown; drop?: boolean };
export type Responder = (received: Received) => Reply;

const PARTIES: Party[] = ["control", "stripe", "resend"];

export class Outside {
  received: Received[] = [];
  #servers = new Map<Party, Server>();
  #responders = new Map<Party, Responder>();

  static async start(): Promise<Outside> {
    const outside = new Outside();
    await Promise.all(PARTIES.map((party) => outside.#listen(party)));
    return outside;
  }

  answer(party: Party, responder: Responder): void {
    this.#responders.set(party, responder);
  }

  of(party: Party): Received[] {
    return this.received.filter((one) => one.party === party);
  }

  url(party: Party): string {
    return `http://127.0.0.1:${(this.#servers.get(party)!.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const server of this.#servers.values()) server.closeAllConnections();
    await Promise.all([...this.#servers.values()].map((server) => new Promise((done) => server.close(done))));
  }

  async #listen(party: Party): Promise<void> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const received = {
          party,
          method: request.method!,
          path: request.url!,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        };
        this.received.push(received);
        const { status = 200, headers = {}, body = {}, drop } = this.#responders.get(party)?.(received) ?? { status: 404 };
        if (drop) return void request.socket.destroy();
        response.writeHead(status, { "content-type": "application/json", ...headers });
        response.end(typeof body === "string" ? body : JSON.stringify(body));
      });
    });
    this.#servers.set(party, server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  }
}
