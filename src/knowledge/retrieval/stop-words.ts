/** Words that say nothing about the subject of a question or of a rule. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    "的 了 是 在 和 与 及 或 也 就 都 而 而且 但 但是 吗 呢 吧 啊 呀 哦 嘛 哈 把 被 给 让 使 对 对于 关于 从 向 到 于 以 " +
    "我 你 您 他 她 它 我们 你们 他们 她们 咱们 大家 自己 这 那 这个 那个 这些 那些 这样 那样 这里 那里 哪 哪些 " +
    "什么 怎么 怎样 如何 多少 几 吗 么 请问 你好 您好 谢谢 一下 一个 有 没有 会 能 能不能 可以 可不可以 要 想 应该 应当 " +
    "因为 所以 如果 还 还是 又 再 很 太 最 更 才 只 不 没 得 着 过 去 来 上 下 里 中 等 其 之 其中 并 并且 按 按照 " +
    "现在 已经 一直 然后 就是 知道 情况 问题 问 说 叫 做"
  ).split(" "),
);
