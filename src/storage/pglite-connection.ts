import { Mutex, type PGlite, parse, protocol, type Results } from "@electric-sql/pglite";

/** A statement that the database has parsed. */
interface Prepared {
  readonly name: string;
  readonly parameterTypes: readonly number[];
  /** What the database said of the rows; absent for statements that give none. */
  readonly description: BackendMessages;
  uses: number;
}

type BackendMessages = Parameters<typeof parse.parseResults>[0];
export type Row = Record<string, unknown>;
type Query = (text: string, values: readonly unknown[]) => Promise<Results<Row>>;

const { serialize } = protocol;
/** Statements that are kept parsed. */
const mostPrepared = 256;
/** A plan is made for tables as they were; after so many uses it is made anew for tables as they are. */
const mostUses = 500;

/**
 * The one connection of an embedded database. Every statement is parsed and planned once and sent in one message
 * afterwards: of the time that a short statement takes, most is otherwise spent on this. One at a time; a transaction
 * keeps the connection until it ends.
 */
export class PgliteConnection {
  readonly #pglite: PGlite;
  readonly #lock = new Mutex();
  /** By text, the one used longest ago first. */
  readonly #prepared = new Map<string, Prepared>();
  #names = 0;

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  query(text: string, values: readonly unknown[]): Promise<Results<Row>> {
    return this.#lock.runExclusive(() => this.#run(text, values));
  }

  /** Commits where the callback resolves, rolls back where it rejects. */
  transaction<Result>(
    callback: (tx: { readonly query: Query; readonly rollback: () => Promise<void> }) => Promise<Result>,
  ): Promise<Result> {
    return this.#lock.runExclusive(() =>
      this.#pglite.transaction((tx) =>
        callback({ query: (text, values) => this.#run(text, values), rollback: () => tx.rollback() }),
      ),
    );
  }

  /** Several statements without values; those that begin a transaction get one that is rolled back where they fail. */
  script(text: string): Promise<Results<Row>[]> {
    const run = () =>
      /\bbegin\b/i.test(text) ? this.#pglite.transaction((tx) => tx.exec(text)) : this.#pglite.exec(text);
    return this.#lock.runExclusive(run) as Promise<Results<Row>[]>;
  }

  #run(text: string, values: readonly unknown[]): Promise<Results<Row>> {
    return this.#pglite.runExclusive(async () => {
      const statement = await this.#statement(text);
      const bound = values.map((value, place) => this.#bound(value, statement.parameterTypes[place]));
      try {
        const messages = await this.#send([
          serialize.bind({ statement: statement.name, values: bound }),
          serialize.execute(),
        ]);
        const [result] = parse.parseResults([...statement.description, ...messages], this.#pglite.parsers);
        return result as Results<Row>;
      } catch (error) {
        // It may be the statement that does not fit any more: a table was changed.
        await this.#forget(text);
        throw error;
      }
    });
  }

  async #statement(text: string): Promise<Prepared> {
    const known = this.#prepared.get(text);
    this.#prepared.delete(text);
    if (known !== undefined && known.uses < mostUses) {
      known.uses += 1;
      this.#prepared.set(text, known);
      return known;
    }
    if (known !== undefined) await this.#send([serialize.close({ type: "S", name: known.name })]);
    const [oldest] = this.#prepared.keys();
    if (oldest !== undefined && this.#prepared.size >= mostPrepared) await this.#forget(oldest);
    const made = await this.#prepare(text);
    this.#prepared.set(text, made);
    return made;
  }

  async #prepare(text: string): Promise<Prepared> {
    this.#names += 1;
    const name = `s${this.#names}`;
    const messages = await this.#send([
      serialize.parse({ name, text }),
      serialize.describe({ type: "S", name }),
    ]);
    return {
      name,
      parameterTypes: parse.parseDescribeStatementResults(messages),
      description: messages.filter((message) => message.name === "rowDescription"),
      uses: 1,
    };
  }

  async #forget(text: string): Promise<void> {
    const known = this.#prepared.get(text);
    this.#prepared.delete(text);
    if (known !== undefined) await this.#send([serialize.close({ type: "S", name: known.name })]);
  }

  /** One round trip; a failure of any message leaves the connection ready for the next one. */
  #send(messages: readonly Uint8Array[]): Promise<BackendMessages> {
    return this.#pglite.execProtocolStream(Buffer.concat([...messages, serialize.sync()]), {
      syncToFs: false,
    });
  }

  #bound(value: unknown, type = 0): string | null {
    if (value === null || value === undefined) return null;
    const serializer = this.#pglite.serializers[type];
    return serializer === undefined ? String(value) : (serializer(value) as string);
  }
}
