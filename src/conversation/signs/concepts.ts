/** Word groups that several signs share, as parts of regular expressions. */

/** Who gives the work, or speaks for him. */
export const employer =
  "(?:老板|公司|单位|工厂|厂方|厂里|厂长|包工头|工头|包工|带班|劳务公司|劳务|项目部|项目经理|总包|甲方|东家|店主|店长|店里|经理|主管|领导|组长|班长|队长|厂家|站长|站点|平台|中介|人事|hr|财务|负责人|法人|老总|总监|雇主|企业|物业|资方|学校|医院|车间主任|主任|师傅|保安|房东老板)";

/** Who works beside, or stands near at home. */
export const somebody =
  "(?:工友|同事|老公|老婆|丈夫|妻子|爱人|兄弟|朋友|室友|老乡|徒弟|师傅|哥|弟|姐|妹|儿子|女儿|孩子|父亲|母亲|爸|妈|爹|娘|他|她|有人|有个人|那个人|人家|员工|工人|一个人|小伙子|大姐|大哥|阿姨|女工|老头)";

/** Asks about a rule or money after the event rather than for rescue. */
export const aftermath =
  "(?:赔偿?|工伤|工亡|认定|算不算|算不得|算什么|视同|伤残|鉴定|报销|医药费|医疗费|误工|待遇|补偿|等级|几级|抚恤|丧葬|责任|仲裁|诉讼|起诉|判刑|量刑|条例|法律规定|按规定|标准|索赔|保险|出院|手术|定义|什么意思|预防|培训|讲座|考试|演练)";

/** Tells of a time that is over. */
export const longAgo =
  "(?:去年|前年|大前年|上个?月|上周|上个?星期|前几?天|前段时间|当年|那年|以前|曾经|早几年|年前|月前|(?:19|20)\\d\\d年|\\d{1,2}月\\d{1,2}[日号]|\\d{1,2}年\\d{1,2}月|昨天|前天|出院|后来)";

/** A thing that might come, not one that came. */
export const supposed = "(?:如果|要是|假如|假设|万一|倘若|若是|假使|的话)";

/** Asks what a rule says. */
export const ruleAsked =
  "(?:是什么|什么是|什么叫|叫什么|定义|指什么|指的是|什么意思|怎么(?:认定|界定|定性|处罚|罚|判|预防|防止|规定)|罚(?:款)?多少|多少罚|要?罚(?:多少|好多)|法律上|法律规定|法律责任|什么责任|什么义务|有什么(?:规定|要求|义务|责任|后果|处罚)|有哪些|包括哪些|哪些情形|算不算|属不属于|是不是违法|构不构成|构成|入刑|标准|是几岁|几岁|多少岁|多大|考试|培训|普法|宣传|周转金|干什么用|作用|制度)";

/** One expression for any of the given parts. */
export const anyOf = (...parts: string[]): RegExp => new RegExp(parts.join("|"));

/** Those who are left behind. */
export const family =
  "(?:妈妈?|爸爸?|爹|娘|老娘|老爸|老妈|父母|父亲|母亲|老婆|老公|爱人|丈夫|妻子|孩子|女儿|儿子|家人|家里人?|哥|姐|弟弟|妹妹|婆婆|爷爷|奶奶|闺女|崽)";
