// The worker, seen from the page: a question and its answer, with progress in between.
import type { Column, Config, HashedFile, Mode, Opened, Reply, Request } from "../types.ts";

export class Failed extends Error {
  constructor(readonly reason: string, message: string) {
    super(message);
  }
}

type Waiting = { done: (reply: Reply) => void; failed: (error: Error) => void };
export type OnProgress = (reply: Extract<Reply, { kind: "progress" }>) => void;

export class Engine {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private onProgress: OnProgress = () => {};
  private asked = 0;

  constructor(private readonly script: string) {}

  async open(file: File, config: Config): Promise<Opened> {
    const reply = await this.ask({ kind: "open", id: 0, file, config });
    return (reply as Extract<Reply, { kind: "opened" }>).opened;
  }

  async hash(
    file: File, columns: Column[], mode: Mode, config: Config, onProgress: OnProgress,
  ): Promise<HashedFile> {
    this.onProgress = onProgress;
    const reply = await this.ask({ kind: "hash", id: 0, file, columns, mode, config });
    return (reply as Extract<Reply, { kind: "hashed" }>).hashed;
  }

  /** Give up whatever is going on. */
  stop(): void {
    this.worker?.terminate();
    this.worker = null;
    this.waiting.clear();
  }

  private ask(request: Request): Promise<Reply> {
    this.worker ??= this.start();
    request.id = this.asked += 1;
    return new Promise((done, failed) => {
      this.waiting.set(request.id, { done, failed });
      this.worker?.postMessage(request);
    });
  }

  private start(): Worker {
    const worker = new Worker(new URL(this.script, location.origin), { type: "module" });
    worker.onmessage = (event: MessageEvent<Reply>) => this.hear(event.data);
    worker.onerror = () => this.fail(new Failed("worker", "The browser could not go on with this file."));
    return worker;
  }

  private hear(reply: Reply): void {
    if (reply.kind === "progress") return this.onProgress(reply);
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.kind === "refused") waiting?.failed(new Failed(reply.reason, reply.message));
    else waiting?.done(reply);
  }

  private fail(error: Failed): void {
    for (const waiting of this.waiting.values()) waiting.failed(error);
    this.stop();
  }
}
