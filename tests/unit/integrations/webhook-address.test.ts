import { describe, expect, it } from "vitest";
import { checkWebhookUrl, isAllowedAddress, type Lookup } from "../../../src/integrations/webhook-address.ts";

const names: Record<string, string[]> = {
  "app.example.cn": ["1.2.3.4", "2001:db8::1"],
  "inside.example.cn": ["10.1.2.3"],
  "metadata.example.cn": ["169.254.169.254"],
  "mixed.example.cn": ["1.2.3.4", "169.254.169.254"],
  localhost: ["127.0.0.1", "::1"],
};

const lookup: Lookup = async (hostname) => {
  const addresses = names[hostname];
  if (addresses === undefined) throw new Error("ENOTFOUND");
  return addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
};

const check = (url: string, allowPrivate = false) => checkWebhookUrl(url, { allowPrivate, lookup });

describe("the address of a webhook", () => {
  it("is https with a public host, kept without its fragment", async () => {
    expect(await check("https://app.example.cn:8443/hooks?a=1#part")).toBe(
      "https://app.example.cn:8443/hooks?a=1",
    );
    expect(await check("https://1.2.3.4/")).toBe("https://1.2.3.4/");
  });

  it.each([
    "http://app.example.cn/",
    "ftp://app.example.cn/",
    "file:///etc/passwd",
    "not an address",
    "https://user:password@app.example.cn/",
    "https://unknown.example.cn/",
    "https://localhost/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://inside.example.cn/",
    "https://192.168.1.1/",
    `https://app.example.cn/${"a".repeat(2_000)}`,
  ])("%s is refused", async (url) => {
    await expect(check(url)).rejects.toMatchObject({
      code: "http.bad_request",
      details: { faults: [expect.stringContaining("url")] },
    });
  });

  it.each([
    "http://localhost:8080/hook",
    "http://127.0.0.1/hook",
    "http://inside.example.cn/hook",
    "https://10.0.0.1/hook",
    "https://app.example.cn/hook",
  ])("%s is accepted where the own network is allowed", async (url) => {
    expect(await check(url, true)).toBe(url);
  });

  it.each([
    "http://app.example.cn/",
    "https://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254/",
    "https://[fe80::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://100.100.100.200/",
    "https://[fd00:ec2::254]/",
    "https://0.0.0.0/",
    "https://224.0.0.1/",
    "https://metadata.example.cn/",
    "https://mixed.example.cn/",
  ])("%s is refused even then", async (url) => {
    await expect(check(url, true)).rejects.toMatchObject({ code: "http.bad_request" });
  });

  it("without TLS is allowed only inside the own network", () => {
    expect(isAllowedAddress("10.0.0.1", "http:", { allowPrivate: true })).toBe(true);
    expect(isAllowedAddress("10.0.0.1", "http:", { allowPrivate: false })).toBe(false);
    expect(isAllowedAddress("1.2.3.4", "http:", { allowPrivate: true })).toBe(false);
    expect(isAllowedAddress("fe80::1%eth0", "https:", { allowPrivate: true })).toBe(false);
  });
});
