import { describe, expect, it } from "vitest";
import { forEachDatabase } from "../../support/databases.ts";
import { echo, reply, TurnRig } from "./turn-rig.ts";

forEachDatabase((_name, open) => {
  const rig = new TurnRig(open);

  describe("too much at once", () => {
    it("a new contact who must wait is told so once; who was answered before is not", async () => {
      const gate = Promise.withResolvers<void>();
      const way = rig.road(
        { handle: () => gate.promise.then(() => reply("好")) },
        { concurrency: 1, busyAfter: 2 },
      );
      const ids = await Promise.all(Array.from({ length: 6 }, () => rig.conversation()));
      for (const id of ids.slice(0, 5)) await rig.write(way, id, "一");
      await expect.poll(() => way.turns.waiting, { timeout: 20_000 }).toBeGreaterThan(2);
      await rig.write(way, ids[5] as string, "急");
      await rig.write(way, ids[5] as string, "在吗");
      // It is said beside the storing: before the second message or after it.
      await expect
        .poll(async () => (await rig.texts(ids[5] as string)).toSorted(), { timeout: 10_000 })
        .toEqual(["急", "在吗", "人多，请等等。"].toSorted());
      gate.resolve();
      await rig.answered(...ids);
      expect((await rig.texts(ids[5] as string)).at(-1)).toBe("好");
    });

    it("a thousand messages of one contact in a second: bounded, told once, others are not kept waiting", async () => {
      const way = rig.road(echo, { perContactPerMinute: 50 });
      const address = (key: string) => ({ key, surface: "private" as const, data: {} });
      const flood = Array.from({ length: 1_000 }, (_, index) => ({
        type: "message" as const,
        address: address("1"),
        externalId: `${index}`,
        text: `第${index}`,
      }));
      const [, other] = await Promise.all([
        way.inbox.receiveEvents("telegram", flood),
        way.inbox.receiveEvents("telegram", [
          { type: "message", address: address("2"), externalId: "1", text: "在吗" },
        ]),
      ]);
      const otherId = other[0]?.conversationId ?? "";
      await rig.answered(otherId);
      expect(await rig.texts(otherId)).toEqual(["在吗", "答：在吗"]);
      const flooder = await rig.stores.conversations.open("telegram", { address: address("1") });
      await rig.answered(flooder.id);
      const said = await rig.texts(flooder.id);
      expect(said.filter((text) => text.startsWith("第"))).toHaveLength(50);
      expect(said.filter((text) => text === "您发得太快了。")).toHaveLength(1);
      expect(rig.record.seen.filter(([, , outcome]) => outcome === "flood")).toHaveLength(950);
    });

    it("a channel hears of each event what became of it, also of those that were not read", async () => {
      const way = rig.road(echo, { perContactPerMinute: 1 });
      const event = (key: string, externalId: string) => ({
        type: "message" as const,
        address: { key, surface: "private" as const, data: {} },
        externalId,
        text: externalId,
      });
      const outcomes = await way.inbox.receiveEvents("telegram", [
        event("1", "1"),
        event("1", "2"),
        event("1", "3"),
        event("2", "1"),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["stored", "ignored", "ignored", "stored"]);
      expect(outcomes[3]?.conversationId).not.toBe(outcomes[0]?.conversationId);
    });
  });
});
