/**
 * Styles are set one by one from the script: a site's content policy may forbid style sheets, and nothing of the
 * site's own styles reaches inside. Everything is in pixels, because the site decides what a rem is.
 */
const font =
  'font-family:-apple-system,"PingFang SC","HarmonyOS Sans SC","Microsoft YaHei","Noto Sans CJK SC",sans-serif';
const corner = (side: string, px: number) => `${side}:calc(${px}px + env(safe-area-inset-${side},0px))`;
const layer = "position:fixed;z-index:2147483000;box-sizing:border-box";

export const button = [
  layer,
  corner("right", 16),
  corner("bottom", 16),
  "width:64px;height:64px;margin:0;padding:0;border:2px solid #fff;border-radius:50%",
  "background:#a3301c;color:#fff;box-shadow:0 2px 10px rgba(0,0,0,.35);cursor:pointer",
  `${font};font-size:15px;font-weight:600;line-height:1.2;text-align:center;-webkit-tap-highlight-color:transparent`,
].join(";");

const panel = `${layer};flex-direction:column;overflow:hidden;background:#fff;color:#2b211c`;

/** Beside the site on a wide screen, all of it on a phone. */
export const panelBeside = [
  panel,
  corner("right", 16),
  corner("bottom", 92),
  "width:400px;height:640px;max-height:calc(100vh - 108px)",
  "border:1px solid #8f7a6b;border-radius:14px;box-shadow:0 6px 30px rgba(0,0,0,.3)",
].join(";");
export const panelWhole = `${panel};top:0;right:0;bottom:0;left:0`;

export const bar = [
  "display:flex;flex:none;align-items:center;justify-content:space-between;padding:0 0 0 16px",
  "padding-top:env(safe-area-inset-top,0px)",
  `${font};font-size:17px`,
].join(";");

export const barClose = [
  "min-width:64px;min-height:48px;margin:0;padding:0 16px;border:0;background:none;color:#96291a;cursor:pointer",
  `${font};font-size:17px`,
].join(";");

export const frame = "display:block;flex:1 1 auto;width:100%;min-height:0;border:0;background:#f7f1ea";
