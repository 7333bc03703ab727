import { renderUnicodeCompact } from "uqr";

/** A code that a person must scan with WeChat to log the account in. */
export interface LoginCode {
  /** What the QR code says. */
  readonly code: string;
  /** ISO timestamp. */
  readonly since: string;
}

export interface LoginCodeParts {
  readonly now: () => Date;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
  /** Told of every new code. */
  readonly onLoginCode?: ((code: LoginCode) => void) | undefined;
  /** Where the code is drawn, such as the process's standard error. */
  readonly terminal?: { write(text: string): unknown } | undefined;
}

const invitation = "请用微信扫描下面的二维码登录 / Scan with WeChat to log in:";

/** Keeps the login code of the moment and shows each new one where somebody sees it. */
export class LoginCodes {
  readonly #parts: LoginCodeParts;
  #current: LoginCode | undefined;

  constructor(parts: LoginCodeParts) {
    this.#parts = parts;
  }

  get current(): LoginCode | undefined {
    return this.#current;
  }

  show(code: string | undefined): void {
    if (code === this.#current?.code) return;
    const { now, logger, onLoginCode, terminal } = this.#parts;
    this.#current = code === undefined ? undefined : { code, since: now().toISOString() };
    if (this.#current === undefined) return;
    // What shows it must not break the session that waits for it: a code may be too long to be drawn.
    try {
      onLoginCode?.(this.#current);
      terminal?.write(`\n${invitation}\n${renderUnicodeCompact(this.#current.code)}\n`);
    } catch (err) {
      logger.warn({ err }, "a WeChat login code could not be shown");
    }
  }
}
