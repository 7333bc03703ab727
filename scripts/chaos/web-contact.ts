import { setTimeout as sleep } from "node:timers/promises";
import type { Replicas } from "../processes/replicas.ts";
import { type Account, accountFor } from "./account.ts";

/** What a visitor has said, and what they had heard by then to be stored. */
interface Said {
  readonly text: string;
  readonly after: readonly string[];
}

/** A visitor of the web page who does not give up: what got no answer is sent again under the same id. */
export class WebContact {
  readonly name: string;
  readonly #replicas: Replicas;
  readonly #random: () => number;
  /** Texts of which the service said that it has them. */
  readonly #accepted: string[] = [];
  readonly #said: Said[] = [];
  #last: Promise<void> = Promise.resolve();
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

  /** Sends after the one before was taken, mostly; now and then beside it, and now and then the same once more. */
  send(id: string, text: string): Promise<void> {
    const before = this.#random() < 0.7 ? this.#last : Promise.resolve();
    const sent = before.then(() => this.#send(id, text));
    this.#last = Promise.all([this.#last, sent]).then(() => {});
    return sent;
  }

  async account(): Promise<Account> {
    const all = await this.#read();
    const textsOf = (wanted: string) => all.filter(({ sender }) => sender === wanted).map(({ text }) => text);
    const stored = textsOf("contact");
    const account = accountFor(stored, textsOf("bot"));
    const places = new Map(stored.map((text, place) => [text, place]));
    for (const { text, after } of this.#said) {
      const place = places.get(text);
      if (place === undefined) {
        account.lost += 1;
        account.faults.push({ what: "accepted and not stored", name: text });
      } else if (after.some((former) => (places.get(former) ?? 0) > place)) {
        account.outOfOrder += 1;
        account.faults.push({ what: "stored before one that was accepted earlier", name: text });
      }
    }
    const twice = stored.length - places.size;
    account.repeated += twice;
    if (twice > 0) account.faults.push({ what: "a message is stored twice", name: this.name });
    return account;
  }

  async #send(id: string, text: string): Promise<void> {
    const after = [...this.#accepted];
    const body = JSON.stringify({ clientId: id, text });
    const post = () => this.#ask("/api/messages", { method: "POST", body });
    // Both at the same moment, mostly at two processes; or the second when the first is stored.
    const chance = this.#random();
    await (chance < 0.05 ? Promise.all([post(), post()]) : post());
    this.#accepted.push(text);
    this.#said.push({ text, after });
    if (chance > 0.95) await post();
  }

  /** Everything that the page would show, oldest first. */
  async #read(): Promise<{ sender: string; text: string }[]> {
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
