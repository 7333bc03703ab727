/**
 * Loaded into a service process by `NODE_OPTIONS`: what it asks WeChat's own servers goes to the test's server at
 * `TEST_WEIXIN`. The address of an official account's interface is no setting.
 */
const platform = "https://api.weixin.qq.com";
const standIn = process.env.TEST_WEIXIN;
const { fetch } = globalThis;

if (standIn !== undefined) {
  globalThis.fetch = (input, init) =>
    fetch(typeof input === "string" ? input.replace(platform, standIn) : input, init);
}
