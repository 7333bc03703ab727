import { BlockList, isIP } from "node:net";

/** Domains whose services run on the Chinese mainland, beside everything under `.cn`. */
const domesticDomains = [
  "cn",
  "aliyuncs.com",
  "baidubce.com",
  "bigmodel.cn",
  "deepseek.com",
  "hunyuan.cloud.tencent.com",
  "minimax.chat",
  "moonshot.cn",
  "siliconflow.cn",
  "tencentcloudapi.com",
  "volces.com",
  "xf-yun.com",
];

/** Endpoints abroad of the providers above, such as dashscope-intl.aliyuncs.com or ap-southeast-1 regions. */
const foreignRegion = /(?:^|[.-])(?:intl|us|hongkong|(?:ap|eu|us|me|sa)-[a-z]+(?:-\d+)?)(?=[.-])/;

/** Endings that are only resolved inside an organisation's own network. */
const internalDomains = ["localhost", "local", "internal", "lan", "home.arpa"];

const ownNetworks = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
] as const) {
  ownNetworks.addSubnet(network, prefix, "ipv4");
}
ownNetworks.addAddress("::1", "ipv6");
ownNetworks.addSubnet("fc00::", 7, "ipv6");
ownNetworks.addSubnet("fe80::", 10, "ipv6");

/**
 * Whether what is sent to this address stays in the operator's own network or on the Chinese mainland, judged by
 * its host name alone. A public IP address counts as abroad: nothing in it says where it is.
 */
export function isDomestic(url: string): boolean {
  const host = new URL(url).hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, "")
    .replace(/\.$/, "");
  const family = isIP(host);
  if (family !== 0) {
    return ownNetworks.check(host, family === 4 ? "ipv4" : "ipv6");
  }
  if (!host.includes(".") || isUnder(host, internalDomains)) {
    return true;
  }
  return isUnder(host, domesticDomains) && !foreignRegion.test(host);
}

function isUnder(host: string, domains: readonly string[]): boolean {
  return domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
}
