import { setTimeout as sleep } from "node:timers/promises";
import type { Replicas } from "../processes/replicas.ts";

/** A visitor of the web page who does not give up: what got no answer is sent again under the same id. */
export class WebContact {
  readonly name: string;
  /** Texts in the order in which the service said that it has them; those sent side by side in any order. */
  readonly accepted: string[] = [];
  readonly #replicas: Replicas;
  readonly #random: () => number;
  #token = "";

  constructor(name: string, replicas: Replicas, random: () => number) {
    this.name = name;
    this.#replicas = replicas;
    this.#random = random;
  }

  async open(): Promise<void> {
    const response = await this.#ask("/api/visitors", { method: "POST", body: "{}" });
    this.#token = ((await response.json()) as { token: string }).token;
  }

  /** Sends, and now and then the same once more. */
  async send(id: string, text: string): Promise<void> {
    const body = JSON.stringify({ clientId: id, text });
    const post = () => this.#ask("/api/messages", { method: "POST", body });
    await post();
    this.accepted.push(text);
    if (this.#random() < 0.1) await post();
  }

  /** Everything that the page would show, oldest first. */
  async read(): Promise<{ sender: string; text: string }[]> {
    const all: { sender: string; text: string }[] = [];
    for (let after = 0; ; ) {
      const response = await this.#ask(`/api/messages?after=${after}`, { method: "GET" });
      const { messages } = (await response.json()) as {
        messages: { seq: number; sender: string; text: string }[];
      };
      if (messages.length === 0) return all;
      all.push(...messages);
      after = messages.at(-1)?.seq ?? after;
    }
  }

  /** From whichever process answers, as long as it takes. */
  async #ask(path: string, init: RequestInit): Promise<Response> {
    for (let tries = 0; tries < 600; tries += 1) {
      const { urls } = this.#replicas;
      const url = urls[Math.floor(this.#random() * urls.length)];
      if (url !== undefined) {
        try {
          const headers = {
            "Content-Type": "application/json",
            ...(this.#token === "" ? {} : { Authorization: `Bearer ${this.#token}` }),
          };
          const response = await fetch(url + path, { ...init, headers, signal: AbortSignal.timeout(10_000) });
          if (response.ok) return response;
          await response.body?.cancel();
          if (response.status < 500 && response.status !== 429) {
            throw new Refused(`${path} answers ${response.status}`);
          }
        } catch (error) {
          if (error instanceof Refused) throw error;
        }
      }
      await sleep(100);
    }
    throw new Error(`${path} got no answer for a minute`);
  }
}

class Refused extends Error {}
