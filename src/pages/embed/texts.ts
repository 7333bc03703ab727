/** Every word of the button that other sites show, in simplified Chinese. */
export const texts = {
  open: "问工会",
  close: "关闭",
  opening: "正在打开…",
} as const;
