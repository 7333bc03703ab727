import { expect, it } from "vitest";
import { forEachDatabase } from "../../support/databases.ts";
import { guideText, makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { openLibrary, withMethods } from "../../support/knowledge-library.ts";

const added = "# 食堂补贴办法\n\n职工食堂每餐补贴八元。\n";

forEachDatabase((_, open) => {
  it("follows another replica's reload and rollback, and clears away its own old files", async () => {
    const folder = await makeKnowledge();
    const database = await open();
    const one = await openLibrary(database, folder);
    const two = await openLibrary(database, folder);
    const first = await one.library.start();
    await two.library.start();
    for (const heat of ["四十度停工。", "四十一度停工。", "四十二度停工。"]) {
      await write(folder, "guides/heat.md", guideText("heat", "高温津贴", heat));
      await one.library.reload();
      await two.library.refresh();
      expect(two.library.status()).toEqual(one.library.status());
      const [hit] = await two.library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain(heat);
    }
    await one.library.rollBack();
    await two.library.refresh();
    expect(two.library.status()).toEqual(one.library.status());
    expect(two.library.status()?.generation).not.toBe(first?.generation);
    // The serving one, the former one, and the one that was built as a whole, on which they lie.
    for (const replica of [one, two])
      expect((await replica.generationsOnDisk()).length).toBeLessThanOrEqual(3);
  });

  it.each(["before its generation is registered", "while its index is built"])(
    "does not undo what another replica makes active %s",
    async (moment) => {
      const folder = await makeKnowledge();
      const database = await open();
      const one = await openLibrary(database, folder);
      await one.library.start();
      const file = await write(await temporaryFolder(), "食堂补贴办法.md", added);
      let armed: string | undefined;
      const meanwhile = async (at: string) => {
        if (armed !== at) return;
        armed = undefined;
        await one.library.add([file]);
      };
      const two = await openLibrary(database, folder, {
        store: withMethods(one.store, {
          createGeneration: async (...given) => {
            await meanwhile("before its generation is registered");
            return one.store.createGeneration(...given);
          },
          manifest: async (id) => {
            await meanwhile("while its index is built");
            return one.store.manifest(id);
          },
        }),
      });
      await two.library.start();
      await write(folder, "guides/new.md", guideText("new", "新的", "新正文。"));
      armed = moment;
      await expect(two.library.reload()).rejects.toThrow("另一个服务刚刚更新了资料，请再试一次");
      expect((await one.titles("食堂补贴"))[0]).toBe("食堂补贴办法");
      await two.library.refresh();
      expect(await two.library.reload()).toMatchObject({ added: ["新的"], unchanged: 7 });
      expect((await two.titles("食堂补贴"))[0]).toBe("食堂补贴办法");
    },
  );

  it("opens the other's generation where two replicas start on an empty database at once", async () => {
    const folder = await makeKnowledge();
    const database = await open();
    const one = await openLibrary(database, folder);
    const two = await openLibrary(database, folder);
    await Promise.all([one.library.start(), two.library.start()]);
    await one.library.refresh();
    await two.library.refresh();
    expect(one.library.status()).toEqual(two.library.status());
    expect(await two.titles("高温津贴")).toContain("高温津贴");
  });
});
