/** Plain HTTP with full control of host, path and headers: fetch would resolve names and tidy paths. */
import { request, type IncomingHttpHeaders } from "node:http";

export type Asked = { method?: string; headers?: Record<string, string>; body?: Buffer | string };
export type Answer = { status: number; headers: IncomingHttpHeaders; bytes: Buffer; text: string; json: any };

export function http(port: number, host: string, path: string, asked: Asked = {}): Promise<Answer> {
  const { method = "GET", headers = {}, body } = asked;
  const length = body?.length
    ? { "content-length": String(Buffer.byteLength(body)) }
    : method === "GET" || method === "HEAD"
      ? {}
      : { "content-length": "0" };
  return new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, method, path, headers: { host, ...length, ...headers }, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", reject);
      answer.on("end", () => resolve(read(answer.statusCode ?? 0, answer.headers, Buffer.concat(chunks))));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function read(status: number, headers: IncomingHttpHeaders, bytes: Buffer): Answer {
  const text = bytes.toString("utf8");
  const isJson = /json/.test(headers["content-type"] ?? "");
  return {
    status,
    headers,
    bytes,
    text,
    get json() {
      return isJson ? JSON.parse(text) : null;
    },
  };
}
