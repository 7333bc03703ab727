/** What a message is that tells nothing by itself. */
export type Noise = "noise" | "other_script" | "unclear" | "sad";

const repeated = /^(.{1,4}?)\1{2,}.{0,2}$/su;
const hanOfSound = /^[啊哦嗯呃额哈呵嘿嘻呜嘟哇呀啦咯嗷喵汪噗嘎咕吼嗨呼哼哎唉]+$/u;
const sadMark = /[😭😢😞😔😟😣😖😩😫😿💔🥺😥😰☹🙁😓😪]/u;
const sigh =
  /^(?:(?:心里|真的?|我|今天|觉得|感觉|好|太|很|有点|特别)*(?:难受|难过|委屈|心累|绝望|无助|崩溃|压抑|心酸|堵得慌|堵得很|憋得慌|憋屈|不是滋味|空落落)|唉+|哎+|呜+|好难(?:受|过)?|太难了|难受(?:得很)?|心累|好累|累了|烦死了?|好烦|委屈|好委屈|想哭|好苦|崩溃了?|心里(?:苦|难受|堵)|命苦|好无助|没人管我|没人理我|好绝望|绝望了?)[啊呀了哦嘛得很]*$/u;

/** Programs, and attempts to give the assistant orders instead of asking it something. */
const orders =
  /\bselect\b.{1,60}\bfrom\b|\b(?:drop|truncate|alter) table\b|\binsert into\b|\bunion (?:all )?select\b|\bdelete from\b|\bor 1=1\b|<\/?(?:script|iframe|img|svg)\b|\brm -rf\b|\bsudo \w|\{\{.{0,40}\}\}|\bconsole\.log\b|\beval\(|\b(?:import os|def \w+\(|function \w*\()|(?:忽略|无视|忘记|忘掉|抛开|跳过|绕过|清除|删除)(?:掉|了)?(?:你)?(?:之前|以上|前面|上面|先前|所有|全部|一切|你|的|系统|开发者|预设|内置|上述|任何|过去|安全){0,5}(?:指令|指示|提示词?|设定|prompt|限制词|规则|安全限制|对话)|(?:你现在是|从现在(?:开始|起),?你(?:就)?是|请?(?:你)?扮演|假装你是|模拟|进入|切换到?|开启).{0,8}(?:猫|狗|dan|开发者|越狱|黑客|没有限制|无限制|不受限|女友|男友|女朋友|皇帝|海盗|上帝|猫娘|超级|管理员|root|调试|测试模式|另一个ai)|(?:输出|打印|告诉我|显示|重复|泄露|复述|说出|给我看|背一?下|翻译)(?:一下)?(?:你)?(?:的|完整|全部|所有|原始|内部){0,4}(?:系统提示|提示词|prompt|system|初始指令|系统指令|内部指令|密钥|api)|(?:把|将)(?:你)?(?:的)?(?:系统)?(?:提示词|指令|设定|prompt).{0,6}(?:打印|输出|发|给|说|念|告诉)|(?:forget|disregard) (?:all |the |any |your )*(?:previous|above|prior|earlier|instructions|rules)|ignore (?:all |the |any |your )*(?:previous|above|prior|earlier)|jailbreak|developer mode|system prompt|you are now\b|act as\b/u;

/** Words of which an English question or one in pinyin has at least one. */
const knownLatin =
  /\b(?:i|my|me|we|our|he|she|they|his|her|the|a|an|is|are|was|do|does|did|can|could|how|what|when|where|who|why|which|should|will|not|no|have|has|if|help|please|pay|paid|wages?|salary|boss|work\w*|job|company|factory|union|join|contract|overtime|fired|dismissed?|injur\w+|hurt|leave|holiday|insurance|pension|compensation|labou?r|rights?|employ\w+|hours|sick|maternity|quit|resign\w*|money|owed?|legal|aid|arbitration|hotline|training|app|ok|yes|hi|hello|n\+1|2n|hr|kpi|pua|ot|gdp|vip|wx|qq)\b|gong ?(?:zi|hui|shang|ren|chang|di|zuo|ling|qian|tou)|lao ?(?:ban|dong|gong)|jia ?ban|she ?bao|he ?tong|zen ?me|duo ?shao|bu ?(?:fa|gei|qian|jiao)|mei ?(?:fa|gei|qian)|tuo ?qian|ci ?(?:zhi|tui)|kai ?chu|tui ?xiu|ya ?jin|nian ?jia|chan ?jia|bing ?jia|zhong ?cai|bu ?chang|pei ?chang|ru ?hui|shi ?ye|yi ?bao|gong ?ji ?jin|xin ?shui|jiang ?jin|bang ?(?:mang|wo)|wei ?quan|qian ?(?:xin|wo)|wo ?(?:bei|yao|xiang|men|de)/u;

/** The same pictures as they are spelt by some apps. */
const sadName = /^(?:\[(?:流泪|大哭|哭|难过|委屈|心碎|可怜|伤心|快哭了|泪奔|失望|叹气)\]\s*)+$/u;
const spelt = /\[[\u4e00-\u9fff]{1,4}\]/gu;

const anyLetter = /\p{Letter}/u;
const han = /\p{Script=Han}/u;

/** Reads messages that ask nothing: marks only, hammered keys, foreign scripts, programs, orders to the machine. */
export function noiseIn(text: string): Noise | undefined {
  if (orders.test(text)) return "noise";
  if (sadName.test(text)) return "sad";
  const said = text.replace(spelt, "").replace(/[^\p{Letter}\p{Number}]/gu, "");
  if (sadMark.test(text) && [...said].length <= 4 && !/[钱薪资工伤]/u.test(said)) return "sad";
  if (said === "") return "unclear";
  if (sigh.test(said)) return "sad";
  if (/^(.)\1{4,}$/u.test(said) || (hanOfSound.test(said) && [...said].length >= 2)) return "noise";
  if (!anyLetter.test(said)) return undefined;
  if (repeated.test(said)) return han.test(said) ? "unclear" : "noise";
  if (han.test(said)) return undefined;
  if (/[a-z]{2}/u.test(said)) return knownLatin.test(text) ? undefined : "noise";
  if (/[a-z]/u.test(said)) return /\d/u.test(said) ? undefined : "noise";
  return "other_script";
}
