import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** What one path answers. */
export interface HttpAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Read-only HTTP for probes: GET of known paths, nothing else. */
export class ProbeServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Opens `port` (0 for any free one) on `host` and answers the paths of `routes`. */
  static async listen(
    host: string,
    port: number,
    routes: Readonly<Record<string, () => Promise<HttpAnswer> | HttpAnswer>>,
  ): Promise<ProbeServer> {
    const server = createServer((request, response) => {
      request.resume();
      const path = (request.url ?? "/").split("?", 1)[0]!;
      const route = request.method === "GET" && Object.hasOwn(routes, path) ? routes[path] : undefined;
      void (async () => {
        let answer: HttpAnswer = { status: 404, type: "text/plain", body: "not found\n" };
        try {
          if (route !== undefined) answer = await route();
        } catch {
          answer = { status: 500, type: "text/plain", body: "failed\n" };
        }
        response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
      })();
    });
    server.requestTimeout = 10_000;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, () => {
        server.off("error", reject);
        resolve();
      });
    });
    return new ProbeServer(server);
  }

  /** Port that is open. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}
