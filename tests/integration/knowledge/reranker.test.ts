import { describe, expect, it, onTestFinished } from "vitest";
import { createInMemoryKnowledge, createLibrary, createTurn } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { openTemporaryPglite } from "../../support/databases.ts";
import { makeKnowledge, temporaryFolder } from "../../support/knowledge-folder.ts";
import { RerankServer } from "../../support/rerank-server.ts";

async function startServer() {
  const server = new RerankServer();
  const baseUrl = await server.start();
  onTestFinished(() => server.stop());
  const env = { RERANK_MODEL: "bge", RERANK_BASE_URL: baseUrl, RERANK_API_KEY: "key" };
  const folders = { KNOWLEDGE_DIR: await makeKnowledge(), DATA_DIR: await temporaryFolder() };
  return { server, config: readConfig({ ...env, ...folders }), plain: readConfig(folders) };
}

const query = { text: "高温天气有津贴吗", limit: 10 };

describe("a configured reranker", () => {
  it("is asked by the library on a database, after a reload too", async () => {
    const { server, config } = await startServer();
    const { database, remove } = await openTemporaryPglite("migrated");
    onTestFinished(remove);
    const library = await createLibrary(config, database);
    await library.start();
    const found = await library.pin().search(query);
    const asked = server.requests.at(-1);
    expect(asked?.authorization).toBe("Bearer key");
    expect(asked?.body).toMatchObject({ model: "bge", query: query.text });
    const texts = found.map(({ document, chunk }) => `${document.title}\n${chunk.text}`);
    expect(texts.length).toBeGreaterThan(1);
    expect(asked?.body.documents).toEqual(expect.arrayContaining(texts));
    await library.reload();
    server.requests.length = 0;
    await library.pin().search(query);
    expect(server.requests).toHaveLength(1);
  });

  it("gets a worker's question without personal numbers, and no answer waits for one that fails", async () => {
    const { server, config, plain } = await startServer();
    const logger = createLogger({ level: "silent" });
    const turn = await createTurn(config, await createInMemoryKnowledge(config), logger);
    const question = "我叫小王，电话13812345678，身份证110101199003074514，高温天气有津贴吗";
    const { answer } = await turn.reply(question, [], () => {}, new AbortController().signal);
    expect(server.requests.length).toBeGreaterThan(0);
    for (const { body } of server.requests) {
      expect(body.query).toContain("高温");
      expect(body.query).not.toMatch(/13812345678|110101199003074514/);
    }
    expect(answer.state).toBe("grounded");

    server.behaviour = "500";
    const without = await createTurn(plain, await createInMemoryKnowledge(plain), logger);
    const expected = await without.reply(query.text, [], () => {}, new AbortController().signal);
    const found = await turn.reply(query.text, [], () => {}, new AbortController().signal);
    expect(found.answer).toEqual(expected.answer);
  });
});
