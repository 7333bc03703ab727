import { maskPersonalNumbers } from "./mask-personal-numbers.ts";

/** The hundred most frequent surnames and some more: enough to tell 我叫王芳 from 我叫老板赔钱. */
const surname =
  "[王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高梁郑罗宋谢唐韩曹许邓萧冯曾程蔡彭潘袁于董余苏叶吕魏蒋田杜丁沈姜范江傅钟卢汪戴崔任陆廖姚方金邱夏谭韦贾邹石熊孟秦阎薛侯雷白龙段郝孔邵史毛常万顾赖武康贺严尹钱施牛洪龚向冉]";
const introduced = new RegExp(
  `(?<=(?:我|名字|本人|老婆|老公|爱人|儿子|女儿|同事|老板|工友)(?:名)?(?:叫做|叫)|姓名(?:是|为)?\\s*[:：]?\\s*)${surname}\\p{Script=Han}{1,2}?(?=[，,。；;、！!？?\\s的在是今从]|$)`,
  "gu",
);
const employer =
  /(?<=^|[在是叫给跟和被把到了的与，。；、：:\s])[^在是叫给跟和被把到了的与，。；、：:\s]{2,18}(?:有限责任公司|有限公司|集团公司)/gu;

/** Other things that say who or where somebody is, each by what it is. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/[\w.+-]+@[\w-]+(?:\.[\w-]+)+/gu, "〔邮箱〕"],
  [/https?:\/\/[^\s，。]+/gu, "〔网址〕"],
  [/(?<=(?:微信|QQ|qq|抖音|快手)(?:号|账号|帐号)?(?:是|为)?\s*[:：]?\s*)[A-Za-z0-9][\w-]{4,}/gu, "〔账号〕"],
  [/\d{1,4}(?:栋|幢|号楼|单元|号院)(?:[-\d\s]{1,6}(?:单元|楼|层|室|号))*/gu, "〔地址〕"],
  [employer, "〔单位〕"],
  [introduced, "〔姓名〕"],
];

/**
 * A contact's words without what tells who they are: personal numbers, addresses of mail and network, accounts, house
 * numbers, the employer's full name and names by which people introduce themselves. By rules: a name in the middle of
 * a sentence stays, so what is masked is still for admins only.
 */
export function maskPersons(text: string): string {
  return rules.reduce((masked, [pattern, name]) => masked.replace(pattern, name), maskPersonalNumbers(text));
}
