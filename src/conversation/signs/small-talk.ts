/** A message that is nothing but a courtesy, or asks who speaks here. */
interface SmallTalk {
  readonly reason: string;
  readonly pattern: RegExp;
}

const tail = "[啊呀哈呢吗嘛的哦噢哟么~。,，.!！?？\\s]*$";

const smallTalk: readonly SmallTalk[] = [
  {
    reason: "greeting",
    pattern: new RegExp(
      `^(?:(?:你好|您好|你们好|hi|hello|hey|嗨|哈喽|哈啰|哈罗|在吗|在不在|在不|在没在|在嘛|早上好|上午好|中午好|下午好|晚上好|早安|晚安|新年好|早|喂|娘家人|小助手|老师|同志|师傅|请问)[啊呀哈呢吗嘛~,，。!！?？\\s]*){1,3}${tail}`,
    ),
  },
  {
    reason: "thanks",
    pattern: new RegExp(
      `^(?:好的?|嗯+|行|要得)?[,，。\\s]*(?:(?:太?谢谢|多谢|感谢|辛苦|谢了|非常感谢|太感谢|谢谢你|谢谢您|麻烦你|麻烦了|你真好|老师|你们|大家|同志|帮大忙了|3q|thanks?(?: you)?|thx)[你您啊呀了哈们嘛噻哦~。,，!！\\s]*){1,3}(?:帮(?:了)?(?:我)?(?:个)?大?忙了?|的?(?:解答|帮助|回复|耐心)[,，s]*(?:帮(?:了)?(?:我)?大忙了?)?)?${tail}`,
    ),
  },
  {
    reason: "goodbye",
    pattern:
      /^(?:(?:好的?|嗯+|哦+|行|要得|知道了?|明白了?|晓得了?|ok|拜拜|再见|谢谢|不打扰了?|打扰了|不说了|没事了?|就这样|先这样|多谢)[,，。!！~\s]*){1,4}[啊呀了哈吧~。,，!！\s]*$|^(?:好嘛?|行|那)?[,，]?(?:那)?我(?:先)?(?:去忙|去上班|走|下|睡|去睡|去吃饭)了?[啊呀哈吧嘛。!！]*$|^(?:再见|拜拜|88|bye|好的?吧?|嗯+|哦+|行吧?|ok|知道了?|明白了?|清楚了?|懂了|要得|收到|了解了?|没事了|不用了|没有了|没别的了|先这样)(?:[,，。\s]*(?:再见|拜拜|谢谢|先这样|知道了|没事了))?[啊呀了哈吧~。,，!！\s]*$/,
  },
  {
    reason: "identity",
    pattern:
      /^.{0,8}(?:你|您)(?:到底|究竟)?(?:是|叫)(?:谁|什么|哪个|机器人|机器|真人|人工|人|ai|什么名字|干什么的|什么东西)(?!的工资).{0,14}$|^.{0,6}(?:你|您|你们)(?:都)?(?:能|会|可以)(?:做|干|帮我?做?|回答)(?:些|点|到)?(?:什么|哪些).{0,8}$|^.{0,6}有(?:什么|哪些)功能.{0,4}$|^.{0,6}(?:你|您)(?:怎么用|有什么用).{0,4}$|^(?:who|what) (?:are|can) you/,
  },
];

/** Pictures and signs of the keyboard that go with a courtesy. */
const pictures =
  /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\ufe0f|\u20e3|\[[\u4e00-\u9fff]{1,4}\]/gu;
const thanksOnly =
  /^(?:[\s👍🙏👌🌹💐❤👏🤝🫡💪]|\p{Emoji_Modifier}|\ufe0f|\[(?:强|抱拳|合十|玫瑰|ok|鼓掌|握手|爱心)\])+$/u;

/** The courtesy that a message is made of, or nothing. */
export function courtesyIn(text: string): string | undefined {
  if (thanksOnly.test(text)) return "thanks";
  const plain = text.replace(pictures, "").trim();
  return plain === "" ? undefined : smallTalk.find(({ pattern }) => pattern.test(plain))?.reason;
}
