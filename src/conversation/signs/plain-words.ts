/** Longest text whose signs are looked at; a story of this length has told its matter. */
const longestRead = 4_000;

/**
 * Dialect of Chongqing and Sichuan, typing errors, homophones and ways around a word filter, and the plain word that
 * the signs know. Longer words stand before their parts; a word that maps to itself is kept from the shorter rule.
 */
const plain: Readonly<Record<string, string>> = {
  遭遇: "遭遇",
  遭殃: "遭殃",
  遭罪: "遭罪",
  遭不住: "受不了",
  遭不起: "受不了",
  遭到: "被",
  遭受: "被",
  遭: "被",
  莫名: "莫名",
  莫非: "莫非",
  莫得: "没有",
  莫管: "别管",
  莫来: "别来",
  莫劝: "别劝",
  莫找: "别找",
  莫怪: "别怪",
  莫: "别",
  没得: "没有",
  冇得: "没有",
  冇: "没有",
  啷个: "怎么",
  咋个: "怎么",
  咋: "怎么",
  啥子: "什么",
  啥: "什么",
  好多钱: "多少钱",
  好多岁: "多少岁",
  晓得: "知道",
  晓不得: "不知道",
  落不落雨: "下不下雨",
  落雨: "下雨",
  落雪: "下雪",
  娃儿: "孩子",
  娃娃: "孩子",
  细娃: "孩子",
  屋头: "家里",
  屋里头: "家里",
  厂头: "厂里",
  里头: "里面",
  里边: "里面",
  高头: "上面",
  顶顶上: "顶上",
  脚杆: "腿",
  手杆: "手",
  脑壳: "头",
  脑袋: "头",
  婆娘: "老婆",
  堂客: "老婆",
  媳妇: "老婆",
  喊: "叫",
  撵: "赶",
  弯酸: "刁难",
  打锤: "打架",
  锤子: "锤子",
  铁锤: "铁锤",
  锤头: "锤头",
  锤: "打",
  捶: "打",
  扯拐: "出问题",
  搞归一: "弄好",
  摆个: "讲个",
  摆龙门阵: "聊天",
  整死: "弄死",
  整我: "整我",
  勒个: "这个",
  嘞个: "这个",
  那哈: "那时",
  这哈: "现在",
  楞个: "这么",
  耍朋友: "谈恋爱",
  幺妹: "妹妹",
  老汉儿: "父亲",
  咧: "了",
  跑咯: "跑了",
  老版: "老板",
  老扳: "老板",
  工次: "工资",
  工滋: "工资",
  公资: "工资",
  托欠: "拖欠",
  加斑: "加班",
  公伤: "工伤",
  社宝: "社保",
  和同: "合同",
  仲栽: "仲裁",
  仲才: "仲裁",
  辞腿: "辞退",
  骚忧: "骚扰",
  搔扰: "骚扰",
  公会: "工会",
  人公: "人工",
  人功: "人工",
  仁工: "人工",
  任工: "人工",
  rengong: "人工",
  真仁: "真人",
  紫杀: "自杀",
  自刹: "自杀",
  自鲨: "自杀",
  自sha: "自杀",
  zisha: "自杀",
  跳lou: "跳楼",
  跳娄: "跳楼",
  轻声自杀: "轻生自杀",
  不想火了: "不想活了",
  老板娘: "老板",
  包工头子: "包工头",
  轉: "转",
  們: "们",
  個: "个",
  說: "说",
  話: "话",
  幫: "帮",
  請: "请",
  錢: "钱",
  資: "资",
  殺: "杀",
  樓: "楼",
  傷: "伤",
  沒: "没",
  發: "发",
  會: "会",
  勞: "劳",
  動: "动",
  員: "员",
  給: "给",
  還: "还",
  讓: "让",
  來: "来",
  這: "这",
  麼: "么",
  電: "电",
  聯: "联",
  現: "现",
  離: "离",
  開: "开",
  機: "机",
  師: "师",
  歲: "岁",
};

/** 克 and 切 for "to go", where they are neither a part of another word nor a weight nor a cut. */
const going =
  "(?<![巧千毫马坦扑夹奥微公伊刻攻休布\\d一两几百十])克(?![扣服制勒隆星复敌])|(?<=[想要就我们准备])切(?=[公找仲法医派工厂告劳上])";
const words = Object.keys(plain).sort((left, right) => right.length - left.length);
/** A look at one character spares most places of a text the whole list. */
const beginnings = [...new Set(words.map((word) => word.charAt(0)))].join("");
const dialect = new RegExp(`(?=[${beginnings}克切])(?:${words.join("|")}|${going})`, "g");

/** Marks that only steer the display, and that can hide a word from the signs. */
const invisible = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;
/** Spaces and stops between single characters, as in "转 人 工" or "转.人.工". */
const spread = /(?<=[\u4e00-\u9fff])[ \t*.·_~-]+(?=[\u4e00-\u9fff])/g;

/** The message in the plain words that the signs are written in. */
export function plainWords(message: string): string {
  return message
    .slice(0, longestRead)
    .normalize("NFKC")
    .replace(invisible, "")
    .toLowerCase()
    .replace(spread, (gap) => (gap.length > 1 && gap.trim() === "" ? "," : ""))
    .replace(/[\r\n]+/g, ",")
    .replace(dialect, (word) => plain[word] ?? "去");
}
