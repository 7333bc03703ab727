/** All in milliseconds. */
export interface SessionWaits {
  readonly startMs: number;
  /** How long a login, or a code for it, may take to come: after a start, a logout and a scan. */
  readonly loginMs: number;
  /** How long a login code may wait before another one is asked for. */
  readonly codeMs: number;
  /** Between the calls that make a living gateway answer. */
  readonly heartbeatMs: number;
  /** Without any sign of life for so long a session counts as dead. */
  readonly silenceMs: number;
  /** A session that was logged in for so long counts as recovered. */
  readonly settledMs: number;
}

/** The clocks of one session: each that runs out ends it, with its reason. */
export class SessionClocks {
  readonly #waits: SessionWaits;
  readonly #onEnd: (reason: string) => void;
  #start: NodeJS.Timeout | undefined;
  #login: NodeJS.Timeout | undefined;
  #settle: NodeJS.Timeout | undefined;
  #silence: NodeJS.Timeout | undefined;
  #heartbeat: NodeJS.Timeout | undefined;
  #code: string | undefined;
  #loginKnown = false;
  #over = false;
  /** Whether it was logged in long enough to count as recovered. */
  settled = false;

  constructor(waits: SessionWaits, onEnd: (reason: string) => void) {
    this.#waits = waits;
    this.#onEnd = onEnd;
  }

  expectStart(): void {
    this.#start = setTimeout(this.#onEnd, this.#waits.startMs, "the gateway takes too long");
  }

  /** From now on it must give signs of life; `ding` asks for one. */
  started(ding: () => void): void {
    clearTimeout(this.#start);
    if (this.#over) return;
    this.#silence = setTimeout(this.#onEnd, this.#waits.silenceMs, "the gateway is silent");
    this.#heartbeat = setInterval(() => {
      try {
        ding();
      } catch {
        // The silence tells.
      }
    }, this.#waits.heartbeatMs);
    if (!this.#loginKnown) this.#expectLogin(this.#waits.loginMs);
  }

  heard(): void {
    this.#silence?.refresh();
  }

  /** A code waits to be scanned; undefined: it was scanned, or taken back. The same code again gets no more time. */
  codeShown(code: string | undefined): void {
    clearTimeout(this.#settle);
    if (code === undefined || code !== this.#code) {
      this.#expectLogin(code === undefined ? this.#waits.loginMs : this.#waits.codeMs);
    }
    this.#code = code;
  }

  loggedIn(): void {
    if (this.#over) return;
    this.#loginKnown = true;
    this.#code = undefined;
    clearTimeout(this.#login);
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => {
      this.settled = true;
    }, this.#waits.settledMs);
  }

  loggedOut(): void {
    clearTimeout(this.#settle);
    this.#expectLogin(this.#waits.loginMs);
  }

  end(): void {
    this.#over = true;
    for (const timer of [this.#start, this.#login, this.#silence, this.#settle]) clearTimeout(timer);
    clearInterval(this.#heartbeat);
  }

  #expectLogin(ms: number): void {
    if (this.#over) return;
    this.#loginKnown = true;
    clearTimeout(this.#login);
    this.#login = setTimeout(this.#onEnd, ms, "no login");
  }
}
