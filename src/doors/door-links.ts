/** Channels on which a door can be opened. */
export const doorChannels = ["web", "telegram", "wechat"] as const;
export type DoorChannel = (typeof doorChannels)[number];

/** One way through a door. */
export interface DoorLink {
  readonly channel: DoorChannel;
  /** Absent: it cannot be made here, `hint` says what to do. */
  readonly address?: string;
  /** A line in Chinese for the operator. */
  readonly hint?: string;
}

/** How the service is reached on each channel. */
export interface DoorAddresses {
  /** Without a slash at the end. */
  readonly publicUrl?: string;
  /** The bot's name, without the @. Undefined, or a rejection: it is not known now. */
  readonly telegramBot?: () => Promise<string | undefined>;
  /** What stands behind WeChat's own code for this scene. Undefined, or a rejection: it cannot be made now. */
  readonly wechatCode?: (code: string) => Promise<string | undefined>;
}

/** The ways through the door with this code, in the order of `channels`. */
export function doorLinks(
  code: string,
  channels: readonly DoorChannel[],
  addresses: DoorAddresses,
): Promise<DoorLink[]> {
  const makers: Record<DoorChannel, () => Promise<DoorLink>> = {
    web: async () => webLink(code, addresses.publicUrl),
    telegram: () => telegramLink(code, addresses.telegramBot),
    wechat: () => wechatLink(code, addresses.wechatCode),
  };
  return Promise.all(channels.map((channel) => makers[channel]()));
}

function webLink(code: string, publicUrl: string | undefined): DoorLink {
  if (publicUrl !== undefined) return { channel: "web", address: `${publicUrl}/?from=${code}` };
  return {
    channel: "web",
    hint: `没有设置 PUBLIC_URL，不知道网页的地址。设置后再运行，或自己在网址后面加 /?from=${code}`,
  };
}

async function telegramLink(code: string, botName: DoorAddresses["telegramBot"]): Promise<DoorLink> {
  const bot = await known(botName?.());
  if (bot !== undefined) return { channel: "telegram", address: `https://t.me/${bot}?start=${code}` };
  return {
    channel: "telegram",
    hint: `不知道机器人的名字（没有设置 TELEGRAM_BOT_TOKEN，或现在连不上 Telegram）。地址是 https://t.me/机器人的名字?start=${code}`,
  };
}

async function wechatLink(code: string, codeOf: DoorAddresses["wechatCode"]): Promise<DoorLink> {
  const address = await known(codeOf?.(code));
  if (address !== undefined) return { channel: "wechat", address };
  return {
    channel: "wechat",
    hint: `公众号请生成“带参数的二维码”，场景值（scene_str）填 ${code}；个人号的二维码不能带来源`,
  };
}

/** A name that cannot be asked for just now is not known: the operator is told what to put there. */
async function known(asked: Promise<string | undefined> | undefined): Promise<string | undefined> {
  try {
    return await asked;
  } catch {
    return undefined;
  }
}
