import { describe, expect, it } from "vitest";
import { hideIdentity, readEntry } from "../../../../src/pages/chat/entry.ts";
import { createFrameLink } from "../../../../src/pages/chat/frame-link.ts";
import { conversationStorage } from "../../../../src/pages/chat/own-storage.ts";
import { draftKey, tokenKey } from "../../../../src/pages/chat/storage-keys.ts";

const read = (address: string) => {
  const { search, hash } = new URL(address, "https://niangjia.example");
  return readEntry({ search, hash });
};

describe("the page's address", () => {
  it("says by which door, for whom, and in which site", () => {
    expect(read("/?from=yubei-3&embed=https%3A%2F%2Funion.example#identity=a.b-c.d%3D")).toEqual({
      from: "yubei-3",
      embedOrigin: "https://union.example",
      identity: "a.b-c.d=",
    });
  });

  it.each([
    "/",
    "/?from=&embed=&other=1",
    "/?from=a%20b",
    `/?from=${"a".repeat(65)}`,
    "/?from=<script>",
    "/?embed=*",
    "/?embed=https://union.example/path",
    "/?embed=javascript:alert(1)",
    "/#other=1",
    "/%",
  ])("leaves out what has not the right form: %s", (address) => {
    expect(read(address)).toEqual({});
  });

  it("loses the identity once it was read", () => {
    const replaced: unknown[] = [];
    const history = { state: null, replaceState: (...args: unknown[]) => void replaced.push(args) };
    hideIdentity(history, { pathname: "/", search: "?from=a" });
    expect(replaced).toEqual([[null, "", "/?from=a"]]);
  });
});

describe("where a conversation is kept", () => {
  function browser() {
    const storage = () => {
      const values = new Map<string, string>();
      return {
        values,
        getItem: (key: string) => values.get(key) ?? null,
        setItem: (key: string, value: string) => void values.set(key, value),
        removeItem: (key: string) => void values.delete(key),
      } as unknown as Storage & { values: Map<string, string> };
    };
    return { localStorage: storage(), sessionStorage: storage() };
  }

  it("is the phone, for who comes without an identity", () => {
    const own = browser();
    conversationStorage(own, {}).set(tokenKey, "t");
    expect(own.localStorage.values.get(tokenKey)).toBe("t");
    expect(conversationStorage(own, {}).get(tokenKey)).toBe("t");
  });

  it("is the tab, for who is logged in elsewhere, and stays so over a reload", () => {
    const own = browser();
    conversationStorage(own, {}).set(tokenKey, "the phone's own");
    const identified = conversationStorage(own, { identity: "x" });
    expect(identified.get(tokenKey)).toBeUndefined();
    identified.set(tokenKey, "t");
    expect(conversationStorage(own, {}).get(tokenKey)).toBe("t");
    expect(own.localStorage.values.get(tokenKey)).toBe("the phone's own");
  });

  it("holds nothing of the one who was logged in before", () => {
    const own = browser();
    const first = conversationStorage(own, { identity: "x" });
    first.set(tokenKey, "t");
    first.set(draftKey, "写了一半");
    const second = conversationStorage(own, { identity: "y" });
    expect([second.get(tokenKey), second.get(draftKey)]).toEqual([undefined, undefined]);
  });
});

describe("the link to the site around the page", () => {
  const site = "https://union.example";
  type Listener = Parameters<Parameters<typeof createFrameLink>[0]["addEventListener"]>[1];
  function framed() {
    const sent: unknown[] = [];
    const listeners: Listener[] = [];
    const parent = { postMessage: (...args: unknown[]) => void sent.push(args) };
    const window = {
      parent,
      addEventListener: (_type: "message", one: Listener) => void listeners.push(one),
    };
    const hear: Listener = (event) => {
      for (const listener of listeners) listener(event);
    };
    return { window, parent, sent, hear };
  }

  it("speaks to that site alone", () => {
    const { window, sent } = framed();
    const link = createFrameLink(window, site);
    link?.ready();
    link?.close();
    expect(sent).toEqual([
      ["niangjia:ready", site],
      ["niangjia:close", site],
    ]);
  });

  it("hears that site alone", () => {
    const { window, parent, hear } = framed();
    const heard: boolean[] = [];
    createFrameLink(window, site)?.onShown((isShown) => heard.push(isShown));
    hear({ origin: "https://evil.example", source: parent, data: "niangjia:hidden" });
    hear({ origin: site, source: {}, data: "niangjia:hidden" });
    hear({ origin: site, source: parent, data: { niangjia: "hidden" } });
    hear({ origin: site, source: parent, data: "niangjia:hidden" });
    hear({ origin: site, source: parent, data: "niangjia:shown" });
    expect(heard).toEqual([false, true]);
  });

  it("is none where the page stands alone, or does not know the site", () => {
    const { window } = framed();
    expect(createFrameLink(window, undefined)).toBeUndefined();
    const alone = { parent: { postMessage: () => {} }, addEventListener: () => {}, postMessage: () => {} };
    alone.parent = alone;
    expect(createFrameLink(alone, site)).toBeUndefined();
  });
});
